import { Anchor, Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { KeyRecord } from '../../server/wire/admin.ts';
import { updateKey } from '../api-limits.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useKeys } from '../queries.ts';
import { useLimitsChange } from '../queries-limits.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './settings.module.css';

/** Devices whose prompts are kept, and until when. There is always an end. */
export function TracedKeysPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useKeys();
  const now = useNow();
  const update = useLimitsChange(updateKey);
  const stop = ({ id }: KeyRecord): void => update.mutate({ id, change: { traceUntil: null } });
  return (
    <Panel title={t('settings.traced.title')}>
      <QueryView query={query}>
        {(keys) => {
          const traced = keys.filter(
            ({ traceUntil }) => traceUntil !== null && Date.parse(traceUntil) > now.getTime(),
          );
          return (
            <div className={styles['body']}>
              <p className={styles['sentence']}>
                {t(traced.length === 0 ? 'settings.traced.none' : 'settings.traced.lead')}{' '}
                <Anchor component={Link} href="/people" underline="always">
                  {t('settings.traced.where')}
                </Anchor>
              </p>
              {traced.length > 0 && (
                <ul className={styles['list']}>
                  {traced.map((key) => (
                    <TracedKey
                      key={key.id}
                      record={key}
                      isBusy={update.isPending && update.variables.id === key.id}
                      onStop={() => stop(key)}
                    />
                  ))}
                </ul>
              )}
              {update.error !== null && <ErrorNote error={update.error} />}
            </div>
          );
        }}
      </QueryView>
    </Panel>
  );
}

type TracedKeyProps = {
  readonly record: KeyRecord;
  readonly isBusy: boolean;
  readonly onStop: () => void;
};

function TracedKey({ record, isBusy, onStop }: TracedKeyProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, person, traceUntil } = record;
  return (
    <li className={styles['row']}>
      <div className={styles['what']}>
        <h3 className={styles['name']}>{name}</h3>
        <p className={styles['second']}>
          {[
            ...(person === null ? [] : [person]),
            t('settings.traced.until', { time: format.dateTime(traceUntil ?? '') }),
          ].join(' · ')}
        </p>
      </div>
      <Button
        variant="default"
        size="xs"
        loading={isBusy}
        aria-label={t('settings.traced.stopWhat', { name })}
        onClick={onStop}
      >
        {t('settings.traced.stop')}
      </Button>
    </li>
  );
}
