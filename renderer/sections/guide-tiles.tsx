import { TextInput } from '@mantine/core';
import {
  Blocks,
  Bot,
  Code2,
  MessagesSquare,
  Search,
  SquareTerminal,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ConnectGuide, ConnectPage } from '../../server/wire/connect.ts';
import { ToolWord } from '../parts/state-word.tsx';
import { useChecks } from '../queries-checks.ts';
import { standingsOf } from '../tool-standing.ts';
import { AvailabilityChip } from './guide-view.tsx';
import styles from './guide-tiles.module.css';

const icons = {
  editor: Blocks,
  agent: Bot,
  chat: MessagesSquare,
  automation: Workflow,
  library: Code2,
  terminal: SquareTerminal,
} as const satisfies Record<ConnectGuide['kind'], LucideIcon>;

type GuidesProps = {
  readonly guides: readonly ConnectGuide[];
  readonly roles: ConnectPage['roles'];
};

/** All tools, by kind, and a field to find one. */
export function GuideTiles({ guides, roles }: GuidesProps): ReactNode {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const words = wanted.trim().toLowerCase().split(/\s+/);
  const found = guides.filter(({ title, kind }) => {
    const text = `${title} ${t(`connectPage.kind.${kind}`)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const kinds = [...new Set(found.map(({ kind }) => kind))];
  return (
    <div className={styles['all']}>
      <TextInput
        type="search"
        className={styles['search'] ?? ''}
        label={t('connectPage.find')}
        leftSection={<Search size={16} aria-hidden />}
        value={wanted}
        onChange={({ currentTarget: { value } }) => setWanted(value)}
      />
      {kinds.map((kind) => (
        <TilesOfKind
          key={kind}
          kind={kind}
          guides={found.filter((guide) => guide.kind === kind)}
          roles={roles}
        />
      ))}
      <p role="status" className={styles['none']}>
        {found.length === 0 ? t('connectPage.noneFound') : ''}
      </p>
    </div>
  );
}

type TilesOfKindProps = GuidesProps & { readonly kind: ConnectGuide['kind'] };

function TilesOfKind({ kind, guides, roles }: TilesOfKindProps): ReactNode {
  const { t } = useTranslation();
  // While they are not known the tiles are there without them.
  const checks = useChecks().data;
  const headingId = useId();
  const Icon = icons[kind];
  return (
    <section>
      <h2 id={headingId} className={styles['heading']}>
        {t(`connectPage.kinds.${kind}`)}
      </h2>
      <ul className={styles['tiles']} aria-labelledby={headingId}>
        {guides.map((guide) => (
          <li key={guide.id}>
            <Link href={`/connect/${guide.id}`} className={styles['tile'] ?? ''}>
              <Icon size={22} aria-hidden className={styles['icon']} />
              <span className={styles['title']}>{guide.title}</span>
              <AvailabilityChip guide={guide} />
              {checks !== undefined && <MainStanding guide={guide} known={{ roles, checks }} />}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

type MainStandingProps = {
  readonly guide: ConnectGuide;
  readonly known: Parameters<typeof standingsOf>[1];
};

/** Of what the tool cannot do without; its page tells the rest, and why. That nobody has checked is said once, above. */
function MainStanding({ guide, known }: MainStandingProps): ReactNode {
  const [main] = standingsOf(guide, known);
  return main === undefined || main.state === 'unchecked' ? null : <ToolWord state={main.state} />;
}
