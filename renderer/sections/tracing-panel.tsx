import { Button, Checkbox, Stack, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SettingRecord } from '../../server/wire/settings.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { TracingState } from '../parts/state-word.tsx';
import { useSetSettings, useSettings } from '../queries.ts';
import styles from './settings.module.css';

/** The policy for the whole office: nobody's prompts are kept unless the owner says so, and says it to the others. */
export function TracingPanel(): ReactNode {
  const { t } = useTranslation();
  const query = useSettings();
  return (
    <Panel title={t('settings.tracing.title')}>
      <QueryView query={query}>{(settings) => <TracingPolicy settings={settings} />}</QueryView>
    </Panel>
  );
}

function TracingPolicy({ settings }: { readonly settings: readonly SettingRecord[] }): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const [isAsking, setIsAsking] = useState(false);
  const valueOf = (name: string): SettingRecord['value'] =>
    settings.find((setting) => setting.name === name)?.value ?? null;
  const isOn = valueOf('tracing.office') === 'all';
  const days = Number(valueOf('tracing.keepDays') ?? 0);
  const notice = valueOf('tracing.notice');
  return (
    <div className={styles['body']}>
      <p className={styles['sentence']}>{t('settings.tracing.lead')}</p>
      <div className={styles['head']}>
        <output>
          <TracingState isOn={isOn} />
        </output>
        {isOn ? (
          <Button
            variant="default"
            loading={set.isPending}
            onClick={() => set.mutate([{ name: 'tracing.office', value: 'off' }])}
          >
            {t('settings.tracing.switchOff')}
          </Button>
        ) : (
          <Button variant="default" onClick={() => setIsAsking(true)}>
            {t('settings.tracing.switchOn')}
          </Button>
        )}
      </div>
      {isOn && (
        <Note tone="attention">
          <p>{t('settings.tracing.onMeans', { count: days })}</p>
          {typeof notice === 'string' && <p>{t('settings.tracing.noticeIs', { notice })}</p>}
        </Note>
      )}
      {set.error !== null && <ErrorNote error={set.error} />}
      <Dialog title={t('settings.tracing.askTitle')} isOpen={isAsking} onClose={() => setIsAsking(false)}>
        {isAsking && (
          <TracingConsent
            days={days}
            first={typeof notice === 'string' ? notice : ''}
            onClose={() => setIsAsking(false)}
          />
        )}
      </Dialog>
    </div>
  );
}

type TracingConsentProps = {
  readonly days: number;
  readonly first: string;
  readonly onClose: () => void;
};

/** What it means for the others, before it is switched on. */
function TracingConsent({ days, first, onClose }: TracingConsentProps): ReactNode {
  const { t } = useTranslation();
  const set = useSetSettings();
  const [notice, setNotice] = useState(first);
  const [hasTold, setHasTold] = useState(false);
  const [isMissing, setIsMissing] = useState(false);

  function save(event: FormEvent): void {
    event.preventDefault();
    setIsMissing(!hasTold);
    if (!hasTold) return;
    const text = notice.trim();
    const changes = [
      { name: 'tracing.notice', value: text === '' ? null : text },
      { name: 'tracing.office', value: 'all' },
    ];
    set.mutate(changes, {
      onSuccess: () => {
        notifications.show({ message: t('settings.tracing.isOn') });
        onClose();
      },
    });
  }

  return (
    <DialogForm
      submit={t('settings.tracing.switchOn')}
      isBusy={set.isPending}
      error={set.error}
      onSubmit={save}
      onClose={onClose}
    >
      <Stack gap="xs">
        <p className={styles['sentence']}>{t('settings.tracing.ask.what', { count: days })}</p>
        <ul className={styles['steps']}>
          <li>{t('settings.tracing.ask.told')}</li>
          <li>{t('settings.tracing.ask.masked')}</li>
          <li>{t('settings.tracing.ask.read')}</li>
          <li>{t('settings.tracing.ask.law')}</li>
        </ul>
      </Stack>
      <Textarea
        label={t('settings.tracing.notice')}
        description={t('settings.tracing.noticeMeans')}
        maxLength={500}
        autosize
        minRows={2}
        maxRows={6}
        value={notice}
        onChange={({ currentTarget: { value } }) => setNotice(value)}
      />
      <Checkbox
        label={t('settings.tracing.ask.consent')}
        checked={hasTold}
        error={isMissing && !hasTold ? t('settings.tracing.ask.consentMissing') : undefined}
        onChange={({ currentTarget: { checked } }) => setHasTold(checked)}
      />
    </DialogForm>
  );
}
