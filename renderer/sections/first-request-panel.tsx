import { Anchor, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Trans, useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { roleNames } from '../../server/wire/aliases.ts';
import { CopyBlock } from '../parts/copy-field.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useStatus } from '../queries.ts';
import styles from './first-request-panel.module.css';

/** A request to try in a terminal, with the real address and the name for chats. */
export function FirstRequestPanel(): ReactNode {
  const { t } = useTranslation();
  const status = useStatus();
  return (
    <Panel title={t('home.firstRequest')}>
      <QueryView query={status}>
        {({ address, lan }) => (
          <Stack gap="sm">
            <p className={styles['lead']}>
              <Trans
                t={t}
                i18nKey="home.firstRequestKey"
                components={{ keys: <Anchor component={Link} href="/people" underline="always" inherit /> }}
              />
            </p>
            <CopyBlock
              label={t('home.curl')}
              value={curl(`${lan.address ?? address}/v1`, roleNames.chat, t('home.question'))}
            />
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}

function curl(baseUrl: string, model: string, question: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: question }] });
  return [
    `curl ${baseUrl}/chat/completions \\`,
    `  -H "Authorization: Bearer $INGLENOOK_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join('\n');
}
