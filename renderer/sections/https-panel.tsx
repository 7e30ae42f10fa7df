import { Switch } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { HttpsState } from '../../server/wire/https.ts';
import { setHttps, tryHttps } from '../api-network.ts';
import { isThisComputer } from '../own-host.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Fact, Facts } from '../parts/facts.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { HttpsStanding } from '../parts/state-word.tsx';
import { useHttps, useHttpsChange } from '../queries-network.ts';
import { useFormat } from '../use-format.ts';
import styles from './settings.module.css';
import { TrialNote } from './trial-note.tsx';

/** How https is spoken, and its two switches. */
export function HttpsPanel(): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('network.https.title')}>
      <QueryView query={useHttps()}>{(https) => <HttpsFacts https={https} />}</QueryView>
    </Panel>
  );
}

type HttpsProps = { readonly https: HttpsState };

function HttpsFacts({ https }: HttpsProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { on, only, own, leaf, address, problem } = https;
  const served = own?.certificate ?? leaf;
  return (
    <div className={styles['body']}>
      <div className={styles['head']}>
        <p className={styles['sentence']}>{t(`network.https.by.${byWhat(https)}`)}</p>
        <output>
          <HttpsStanding standing={on ? (only ? 'only' : 'both') : 'off'} />
        </output>
      </div>
      {problem !== null && <Note tone="attention">{problem}</Note>}
      {address !== null && <CopyField label={t('network.https.address')} value={address} />}
      {served !== null && (
        <Facts>
          <Fact
            label={t('network.https.validUntil')}
            value={format.date(served.validUntil)}
            title={format.dateTime(served.validUntil)}
          />
          <Fact label={t('network.https.issuer')} value={served.issuer} />
        </Facts>
      )}
      <OnlySwitch https={https} />
      <ConsoleSwitch https={https} />
    </div>
  );
}

function byWhat({ on, own }: HttpsState): 'nothing' | 'own' | 'authority' {
  if (!on) return 'nothing';
  return own === null || own.certificate === null ? 'authority' : 'own';
}

/** Who has not been told of https yet is shut out by it, so it is on trial first. */
function OnlySwitch({ https }: HttpsProps): ReactNode {
  const { t } = useTranslation();
  const set = useHttpsChange((only: boolean) => (only ? tryHttps({ only }) : setHttps({ only })));
  return (
    <>
      <Switch
        label={t('network.only.label')}
        description={t('network.only.means')}
        checked={set.isPending ? set.variables : https.only}
        disabled={set.isPending || !https.on}
        onChange={({ currentTarget: { checked } }) => set.mutate(checked)}
      />
      <TrialNote
        name="https-only"
        sentence={t('network.only.trial')}
        takenBack={t('network.only.takenBack')}
      />
      {set.error !== null && <ErrorNote error={set.error} />}
    </>
  );
}

/** Who uses the console from another computer would saw off the branch they sit on. */
function ConsoleSwitch({ https }: HttpsProps): ReactNode {
  const { t } = useTranslation();
  const set = useHttpsChange(setHttps);
  const [isAsking, setIsAsking] = useState(false);
  const switchTo = (networkConsole: boolean): void =>
    set.mutate({ networkConsole }, { onSuccess: () => setIsAsking(false) });

  function change(networkConsole: boolean): void {
    if (networkConsole || isThisComputer(location.hostname)) switchTo(networkConsole);
    else setIsAsking(true);
  }

  return (
    <>
      <Switch
        label={t('network.console.label')}
        description={t('network.console.means')}
        checked={set.isPending ? set.variables.networkConsole === true : https.networkConsole}
        disabled={set.isPending || !https.on}
        onChange={({ currentTarget: { checked } }) => change(checked)}
      />
      {set.error !== null && !isAsking && <ErrorNote error={set.error} />}
      <ConfirmDialog
        title={t('network.console.askTitle')}
        sentence={t('network.console.askSentence')}
        confirm={t('network.console.confirm')}
        isOpen={isAsking}
        isBusy={set.isPending}
        error={set.error}
        onConfirm={() => switchTo(false)}
        onClose={() => setIsAsking(false)}
      />
    </>
  );
}
