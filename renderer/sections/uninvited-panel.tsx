import { Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useSettings } from '../queries.ts';

const settingName = 'pairing.uninvited';

/** Whether devices may ask to be let in that nobody has invited. */
export function UninvitedPanel(): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  return (
    <Panel title={t('uninvited.title')}>
      <QueryView query={useSettings()}>
        {(settings) => (
          <Switch
            label={t('uninvited.label')}
            description={t('uninvited.means')}
            checked={settings.find(({ name }) => name === settingName)?.value === true}
            disabled={set.isPending}
            onChange={({ currentTarget: { checked } }) => set.mutate([{ name: settingName, value: checked }])}
          />
        )}
      </QueryView>
      {set.error !== null && <ErrorNote error={set.error} />}
    </Panel>
  );
}
