import { Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyBlock, CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fold } from '../parts/more-options.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useStatus } from '../queries.ts';
import { useSettingValues } from '../use-setting.ts';
import styles from './settings.module.css';

/** The address a Prometheus asks, and what it needs for it. */
export function PrometheusPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useStatus();
  const set = useSetSettings();
  const valueOf = useSettingValues();
  return (
    <Panel title={t('settings.metrics.title')}>
      <QueryView query={query}>
        {({ address, lan }) => {
          const base = lan.on && lan.address !== null ? lan.address : address;
          return (
            <div className={styles['body']}>
              <p className={styles['sentence']}>{t('settings.metrics.lead')}</p>
              <CopyField label={t('settings.metrics.address')} value={`${base}/metrics`} />
              <Switch
                label={t('settings.metrics.perKey')}
                description={t('settings.metrics.perKeyMeans')}
                checked={valueOf?.('metrics.perKey') === true}
                disabled={valueOf === undefined || set.isPending}
                onChange={({ currentTarget: { checked } }) =>
                  set.mutate([{ name: 'metrics.perKey', value: checked }])
                }
              />
              {set.error !== null && <ErrorNote error={set.error} />}
              <Fold label={t('settings.metrics.how')}>
                <p className={styles['sentence']}>{t('settings.metrics.key')}</p>
                <CopyBlock
                  label={t('settings.metrics.command')}
                  value="npx inglenook key create --name prometheus --role ops"
                />
                <p className={styles['sentence']}>{t('settings.metrics.config')}</p>
                <CopyBlock label={t('settings.metrics.configLabel')} value={configOf(base)} />
              </Fold>
            </div>
          );
        }}
      </QueryView>
    </Panel>
  );
}

function configOf(base: string): string {
  const { host, protocol } = new URL(base);
  return [
    'scrape_configs:',
    '  - job_name: inglenook',
    `    scheme: ${protocol.slice(0, -1)}`,
    '    authorization:',
    '      credentials: KEY',
    '    static_configs:',
    `      - targets: ['${host}']`,
  ].join('\n');
}
