import { Anchor, Button } from '@mantine/core';
import { CircleCheck, CircleDashed } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { roleNames } from '../../server/wire/aliases.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { useBackups } from '../queries-safety.ts';
import { useChangeSetUpStage, useSetUpStage } from '../queries-set-up.ts';
import { useAliases, useKeys, useLan, useSession } from '../queries.ts';
import { useInvitation } from './invitation-context.ts';
import styles from './checklist-panel.module.css';

const itemNames = ['password', 'model', 'office', 'people', 'answer', 'backup'] as const;
type ItemName = (typeof itemNames)[number];

/** What is left of the set-up, until it is done or the owner has seen enough of it. */
export function ChecklistPanel(): ReactNode {
  const stage = useSetUpStage();
  if (stage === undefined || stage === 'done') return null;
  return <Checklist />;
}

/** Until the owner has seen enough of the set-up. */
export function useIsBeingSetUp(): boolean {
  const stage = useSetUpStage();
  return stage !== undefined && stage !== 'done';
}

function Checklist(): ReactNode {
  const { t } = useTranslation();
  const done = useDone();
  const change = useChangeSetUpStage();
  const known = itemNames.filter((name) => done[name] !== undefined);
  // Nothing is said before everything is known: a list that shrinks while one looks helps nobody.
  if (known.length < itemNames.length || known.every((name) => done[name] === true)) return null;
  return (
    <Panel
      title={t('checklist.title')}
      action={
        <Button
          variant="subtle"
          size="compact-sm"
          loading={change.isPending}
          onClick={() => change.mutate('done')}
        >
          {t('checklist.hide')}
        </Button>
      }
    >
      <ul className={styles['list']}>
        {known.map((name) => (
          <Item key={name} name={name} isDone={done[name] === true} />
        ))}
      </ul>
      {change.error !== null && <ErrorNote error={change.error} />}
    </Panel>
  );
}

/** By item; undefined while it is not known. */
function useDone(): Readonly<Record<ItemName, boolean | undefined>> {
  const session = useSession().data;
  const aliases = useAliases().data;
  const lan = useLan().data;
  const keys = useKeys().data;
  const backups = useBackups().data;
  return {
    password: session === undefined ? undefined : !session.needsSetup,
    model: aliases?.some(({ name, isTestModel }) => name === roleNames.chat && !isTestModel),
    office: lan?.on,
    people: keys?.some(({ status }) => status !== 'revoked'),
    answer: keys?.some(({ lastUsedAt }) => lastUsedAt !== null),
    backup: backups === undefined ? undefined : backups.schedule.on || backups.lastSuccessAt !== null,
  };
}

function Item({ name, isDone }: { readonly name: ItemName; readonly isDone: boolean }): ReactNode {
  const { t } = useTranslation();
  const Icon = isDone ? CircleCheck : CircleDashed;
  return (
    <li className={styles['item']} data-is-done={isDone || undefined}>
      <Icon size={18} aria-hidden className={styles['icon']} />
      <span className={styles['name']}>
        {t(`checklist.item.${name}`)}
        <span className={styles['state']}> {t(isDone ? 'checklist.done' : 'checklist.open')}</span>
      </span>
      {!isDone && <Way name={name} />}
    </li>
  );
}

/** Null where it comes by itself. */
const paths = {
  password: '/setup',
  model: '/setup/model',
  office: '/setup/office',
  answer: '/connect',
  backup: '/settings/backup',
} as const satisfies Record<Exclude<ItemName, 'people'>, string>;

function Way({ name }: { readonly name: ItemName }): ReactNode {
  const { t } = useTranslation();
  const { addPerson } = useInvitation();
  const label = t(`checklist.way.${name}`);
  if (name === 'people') {
    return (
      <Anchor component="button" type="button" size="sm" onClick={addPerson}>
        {label}
      </Anchor>
    );
  }
  return (
    <Anchor component={Link} href={paths[name]} size="sm">
      {label}
    </Anchor>
  );
}
