import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSettings } from '../queries.ts';
import { useRetention } from '../queries-safety.ts';
import { useFormat, useNow } from '../use-format.ts';
import { PurgeDialog } from './purge-dialog.tsx';
import { RetentionDialog } from './retention-dialog.tsx';
import { keptKinds, type KeptKind } from './retention-kinds.ts';
import styles from './settings.module.css';

/** How long is kept what; each kind has its own time. */
export function RetentionPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useSettings();
  const [changing, setChanging] = useState<KeptKind | null>(null);
  const [isPurging, setIsPurging] = useState(false);
  const purge = (
    <Button variant="default" size="xs" onClick={() => setIsPurging(true)}>
      {t('settings.kept.purge')}
    </Button>
  );
  return (
    <Panel title={t('settings.kept.title')} action={purge}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('settings.kept.lead')}</p>
        <QueryView query={query}>
          {(settings) => (
            <ul className={styles['list']}>
              {keptKinds.map((kind) => (
                <KeptRow key={kind.name} kind={kind} settings={settings} onChange={() => setChanging(kind)} />
              ))}
            </ul>
          )}
        </QueryView>
        <RetentionState />
      </div>
      <RetentionDialog kind={changing} settings={query.data ?? []} onClose={() => setChanging(null)} />
      <PurgeDialog isOpen={isPurging} onClose={() => setIsPurging(false)} />
    </Panel>
  );
}

type KeptRowProps = {
  readonly kind: KeptKind;
  readonly settings: readonly SettingRecord[];
  readonly onChange: () => void;
};

function KeptRow({ kind, settings, onChange }: KeptRowProps): ReactNode {
  const { t } = useTranslation();
  const value = settings.find(({ name }) => name === kind.setting)?.value ?? null;
  const name = t(`settings.kept.kind.${kind.name}`);
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <h3 className={styles['name']}>{name}</h3>
        <p className={styles['second']}>{t(`settings.kept.means.${kind.name}`)}</p>
      </div>
      <div className={styles['ways']}>
        <span>
          {value === kind.forever
            ? t('settings.kept.forever')
            : value === 0
              ? t('settings.kept.none')
              : t(`settings.kept.${kind.unit}`, { count: Number(value) })}
        </span>
        <Button
          variant="default"
          size="xs"
          aria-label={t('settings.kept.changeWhat', { what: name })}
          onClick={onChange}
        >
          {t('settings.kept.change')}
        </Button>
      </div>
    </li>
  );
}

/** What the log takes on the disk, and how the last purge went. */
function RetentionState(): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const state = useRetention().data;
  if (state === undefined) return null;
  const { running, removedRequests, removedSums, endedAt, problem } = state.purge;
  const removed = removedRequests + removedSums;
  return (
    <div role="status" className={styles['second']}>
      {t('settings.kept.size', { size: format.fileSize(state.databaseBytes) })}{' '}
      {running && t('settings.kept.running', { count: removed, shown: format.integer(removed) })}
      {!running &&
        endedAt !== null &&
        t('settings.kept.last', {
          when: format.ago(endedAt, now),
          count: removed,
          shown: format.integer(removed),
        })}
      {problem !== null && ` ${problem}`}
    </div>
  );
}
