import { Button, Switch } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppBridge, SecretsKept, ShellInfo, ShellPreferences } from '../../electron/shared/channels.ts';
import { appBridge } from '../app-bridge.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { useAppAct, useAppInfo, useAppPreferences, useSetAppPreferences } from '../queries-app.ts';
import styles from './settings.module.css';

/** What only the app's own window has: how it starts and closes, and what it does for the server. */
export function ThisAppView(): ReactNode {
  const bridge = appBridge();
  return bridge === null ? null : <InApp bridge={bridge} />;
}

function InApp({ bridge }: { readonly bridge: AppBridge }): ReactNode {
  const { t } = useTranslation();
  const info = useAppInfo(bridge);
  const preferences = useAppPreferences(bridge);
  return (
    <>
      <Panel title={t('thisApp.title')}>
        <QueryView query={info}>
          {(known) => (
            <QueryView query={preferences}>
              {(chosen) => <Preferences bridge={bridge} info={known} chosen={chosen} />}
            </QueryView>
          )}
        </QueryView>
      </Panel>
      <FoldersPanel bridge={bridge} />
    </>
  );
}

type PreferencesProps = {
  readonly bridge: AppBridge;
  readonly info: ShellInfo;
  readonly chosen: ShellPreferences;
};

function Preferences({ bridge, info, chosen }: PreferencesProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetAppPreferences(bridge);
  const switchOf = (name: keyof ShellPreferences, means: string, isPossible = true): ReactNode => (
    <Switch
      label={t(`thisApp.${name}`)}
      description={means}
      checked={chosen[name]}
      disabled={!isPossible || set.isPending}
      onChange={(event) => set.mutate({ [name]: event.currentTarget.checked })}
    />
  );
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('thisApp.lead', { version: info.version })}</p>
      {switchOf(
        'launchAtLogin',
        t(info.canLaunchAtLogin ? 'thisApp.launchAtLoginMeans' : 'thisApp.cannotLaunch'),
        info.canLaunchAtLogin,
      )}
      {switchOf('closeToTray', t(info.hasTray ? 'thisApp.closeToTrayMeans' : 'thisApp.noTray'))}
      {switchOf('keepAwake', t('thisApp.keepAwakeMeans'))}
      {info.secrets !== 'none' && switchOf('useKeychain', t('thisApp.useKeychainMeans'))}
      <SecretsNote secrets={info.secrets} />
      {set.error !== null && <ErrorNote error={set.error} />}
    </div>
  );
}

const tones = { keychain: 'ok', off: 'quiet', none: 'quiet', unavailable: 'attention' } as const;

function SecretsNote({ secrets }: { readonly secrets: SecretsKept }): ReactNode {
  const { t } = useTranslation();
  return <Note tone={tones[secrets]}>{t(`thisApp.secrets.${secrets}`)}</Note>;
}

function FoldersPanel({ bridge }: { readonly bridge: AppBridge }): ReactNode {
  const { t } = useTranslation();
  const [isAsking, setIsAsking] = useState(false);
  const restart = useAppAct(() => bridge.restartServer());
  return (
    <Panel title={t('thisApp.folders')}>
      <div className={styles['ways']}>
        {(['logs', 'data', 'browser'] as const).map((target) => (
          <Button key={target} variant="default" onClick={() => void bridge.open(target)}>
            {t(`thisApp.${target}`)}
          </Button>
        ))}
        <Button variant="default" loading={restart.isPending} onClick={() => setIsAsking(true)}>
          {t('thisApp.restart')}
        </Button>
      </div>
      <ConfirmDialog
        title={t('thisApp.restart')}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        confirm={t('thisApp.restartNow')}
        isBusy={restart.isPending}
        error={restart.error}
        sentence={t('thisApp.restartAsk')}
        onConfirm={() => restart.mutate(undefined, { onSuccess: () => setIsAsking(false) })}
      />
    </Panel>
  );
}
