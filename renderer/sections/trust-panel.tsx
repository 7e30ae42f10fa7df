import { Anchor, NativeSelect } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ConnectTrust } from '../../server/wire/connect.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useTrust } from '../queries-network.ts';
import { GuideSteps } from './guide-view.tsx';
import styles from './settings.module.css';

/** How devices are told to trust our authority, tool by tool. */
export function TrustPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.trust.title')}>
      <div className={styles['body']}>
        <p className={styles['sentence']}>{t('network.trust.lead')}</p>
        <QueryView query={useTrust()}>
          {(trust) =>
            trust === null ? (
              <p className={styles['muted']}>{t('network.authority.none')}</p>
            ) : (
              <TrustSteps trust={trust} />
            )
          }
        </QueryView>
      </div>
    </Panel>
  );
}

function TrustSteps({ trust: { steps, tools } }: { readonly trust: NonNullable<ConnectTrust> }): ReactNode {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState('');
  const tool = tools.find(({ id }) => id === chosen);
  return (
    <>
      <div className={styles['fields']}>
        <NativeSelect
          label={t('network.trust.tool')}
          value={chosen}
          data={[
            { value: '', label: t('network.trust.browser') },
            ...tools.map(({ id, title }) => ({ value: id, label: title })),
          ]}
          onChange={({ currentTarget: { value } }) => setChosen(value)}
        />
      </div>
      {tool === undefined ? (
        <ul className={styles['steps']}>
          <li>{t('network.trust.windows')}</li>
          <li>{t('network.trust.mac')}</li>
          <li>{t('network.trust.linux')}</li>
          <li>{t('network.trust.phone')}</li>
          <li>{t('network.trust.firefox')}</li>
        </ul>
      ) : (
        <>
          <GuideSteps steps={[...steps, ...tool.steps]} />
          {tool.steps.length === 0 && (
            <p className={styles['sentence']}>{t('network.trust.inItsGuide', { tool: tool.title })}</p>
          )}
          <div>
            <Anchor component={Link} href={`/connect/${tool.id}`}>
              {t('network.trust.guide', { tool: tool.title })}
            </Anchor>
          </div>
        </>
      )}
    </>
  );
}
