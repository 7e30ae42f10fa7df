import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { CopyField } from '../parts/copy-field.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useStatus } from '../queries.ts';

/** What to paste into a tool. */
export function AddressPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useStatus();
  return (
    <Panel
      title={t('home.address')}
      action={
        <Anchor component={Link} href="/connect" size="sm">
          {t('home.howToConnect')}
        </Anchor>
      }
    >
      <QueryView query={query}>
        {({ address, lan }) => <CopyField label={t('home.baseUrl')} value={`${lan.address ?? address}/v1`} />}
      </QueryView>
    </Panel>
  );
}
