import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { LanguageChoice, ThemeChoice } from '../parts/preferences-menu.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useSetSettings, useSettings } from '../queries.ts';
import { useUnsaved } from '../unsaved.ts';
import { OnlinePanel } from './online-panel.tsx';
import styles from './settings.module.css';

/** What the office is called, and how this browser shows the console. */
export function GeneralView(): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <Panel title={t('general.office.title')}>
        <QueryView query={useSettings()}>{(settings) => <OfficeName settings={settings} />}</QueryView>
      </Panel>
      <Panel title={t('general.look.title')}>
        <Look />
      </Panel>
      <OnlinePanel />
    </>
  );
}

const nameSetting = 'office.name';

function OfficeName({ settings }: { readonly settings: readonly SettingRecord[] }): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const saved = String(settings.find(({ name }) => name === nameSetting)?.value ?? '');
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? saved;
  const isChanged = name.trim() !== saved;
  useUnsaved(isChanged);

  function save(event: FormEvent): void {
    event.preventDefault();
    if (!isChanged || set.isPending) return;
    const wished = name.trim();
    set.mutate([{ name: nameSetting, value: wished === '' ? null : wished }], {
      onSuccess: () => {
        setTyped(null);
        notifications.show({ message: t('general.office.saved') });
      },
    });
  }

  return (
    <form className={styles['body']} onSubmit={save} noValidate>
      <p className={styles['sentence']}>{t('general.office.lead')}</p>
      <div className={styles['fields']}>
        <TextInput
          className={styles['wideField'] ?? ''}
          label={t('general.office.name')}
          description={t('general.office.nameMeans')}
          maxLength={60}
          autoComplete="organization"
          value={name}
          onChange={({ currentTarget: { value } }) => {
            setTyped(value);
            set.reset();
          }}
        />
        <Button type="submit" loading={set.isPending} disabled={!isChanged}>
          {t('settings.save')}
        </Button>
      </div>
      {set.error !== null && <ErrorNote error={set.error} />}
    </form>
  );
}

/** Kept by this browser: another one has its own. */
function Look(): ReactNode {
  const { t } = useTranslation();
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('general.look.lead')}</p>
      <div className={styles['fields']}>
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </div>
  );
}
