import { Blocks, Bot, Code2, MessagesSquare, SquareTerminal, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ConnectGuide } from '../../server/wire/connect.ts';
import { AvailabilityChip } from './guide-view.tsx';
import styles from './guide-tiles.module.css';

const icons = {
  editor: Blocks,
  agent: Bot,
  chat: MessagesSquare,
  library: Code2,
  terminal: SquareTerminal,
} as const satisfies Record<ConnectGuide['kind'], LucideIcon>;

export function GuideTiles({ guides }: { readonly guides: readonly ConnectGuide[] }): ReactNode {
  const { t } = useTranslation();
  return (
    <ul className={styles['tiles']} aria-label={t('connectPage.tools')}>
      {guides.map((guide) => {
        const Icon = icons[guide.kind];
        return (
          <li key={guide.id}>
            <Link href={`/connect/${guide.id}`} className={styles['tile'] ?? ''}>
              <Icon size={22} aria-hidden className={styles['icon']} />
              <span className={styles['title']}>{guide.title}</span>
              <span className={styles['kind']}>{t(`connectPage.kind.${guide.kind}`)}</span>
              <AvailabilityChip guide={guide} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
