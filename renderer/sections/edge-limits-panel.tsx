import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usualEdge, type EdgeSettings, type EdgeState } from '../../server/wire/edge.ts';
import { Fact, Facts } from '../parts/facts.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useEdge } from '../queries-network.ts';
import { useFormat } from '../use-format.ts';
import { EdgeLimitsDialog } from './edge-limits-dialog.tsx';
import { edgeLimits, type EdgeLimit } from './edge-limits.ts';
import styles from './settings.module.css';
import { TrialNote } from './trial-note.tsx';

/** How much one address may have at a time, and how much of it there is now. */
export function EdgeLimitsPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useEdge();
  const [isChanging, setIsChanging] = useState(false);
  const settings = query.data?.settings;
  return (
    <Panel
      title={t('network.limits.title')}
      action={
        settings !== undefined && (
          <Button variant="default" size="xs" onClick={() => setIsChanging(true)}>
            {t('network.limits.change')}
          </Button>
        )
      }
    >
      <QueryView query={query}>
        {(edge) => (
          <div className={styles['body']}>
            <p className={styles['sentence']}>{t('network.limits.lead')}</p>
            <TrialNote name="limits" sentence={t('port.limitsTrial')} takenBack={t('port.limitsTakenBack')} />
            <ul className={styles['list']}>
              {edgeLimits.map((name) => (
                <LimitRow key={name} name={name} settings={edge.settings} />
              ))}
            </ul>
            <EdgeCounts edge={edge} />
          </div>
        )}
      </QueryView>
      <EdgeLimitsDialog
        settings={isChanging ? (settings ?? null) : null}
        onClose={() => setIsChanging(false)}
      />
    </Panel>
  );
}

type LimitRowProps = { readonly name: EdgeLimit; readonly settings: EdgeSettings };

function LimitRow({ name, settings }: LimitRowProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const inWords = (value: number | null): string =>
    value === null ? t('network.limits.any') : format.integer(value);
  const value = settings[name];
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <h3 className={styles['name']}>{t(`network.limits.name.${name}`)}</h3>
        <p className={styles['second']}>{t(`network.limits.means.${name}`)}</p>
      </div>
      <span>
        {value === usualEdge[name]
          ? inWords(value)
          : t('network.limits.changed', { value: inWords(value), usual: inWords(usualEdge[name]) })}
      </span>
    </li>
  );
}

function EdgeCounts({ edge: { connections, refused } }: { readonly edge: EdgeState }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Facts>
      <Fact label={t('network.counts.loopback')} value={format.integer(connections.loopback)} />
      <Fact label={t('network.counts.office')} value={format.integer(connections.office)} />
      <Fact label={t('network.counts.strangers')} value={format.integer(connections.strangers)} />
      {counted.map((name) => (
        <Fact
          key={name}
          label={t(`network.refused.${name}`)}
          value={format.count(refused[name])}
          title={t('network.refused.since')}
        />
      ))}
    </Facts>
  );
}

const counted = [
  'connections',
  'notAllowed',
  'blocked',
  'requests',
  'streams',
] as const satisfies readonly (keyof EdgeState['refused'])[];
