import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '../../server/wire/backup.ts';
import { setBackupSchedule } from '../api-safety.ts';
import { ApiError } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import { toldAtField } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import { numberOf } from './model-settings-form.ts';
import { PassphraseFields, passphraseFault, type PassphraseFault } from './passphrase-fields.tsx';
import styles from './savings-dialog.module.css';

type BackupScheduleDialogProps = {
  /** Null while the dialog is closed. */
  readonly state: BackupState | null;
  readonly onClose: () => void;
};

/** Where to, when, how many are kept, and what they are locked with. */
export function BackupScheduleDialog({ state, onClose }: BackupScheduleDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('settings.daily.title')} isOpen={state !== null} onClose={onClose}>
      {state !== null && <ScheduleForm schedule={state.schedule} onClose={onClose} />}
    </Dialog>
  );
}

type ScheduleFormProps = {
  readonly schedule: BackupState['schedule'];
  readonly onClose: () => void;
};

const hours = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}));
const mostKept = 1000;

function ScheduleForm({ schedule, onClose }: ScheduleFormProps): ReactNode {
  const { t } = useTranslation();
  const [first] = useState(schedule);
  const [folder, setFolder] = useState(first.folder ?? '');
  const [hour, setHour] = useState(String(first.hour));
  const [keep, setKeep] = useState<number | string>(first.keep);
  const [passphrase, setPassphrase] = useState({ typed: '', again: '' });
  const [faults, setFaults] = useState<{ passphrase: PassphraseFault; folder: boolean; keep: boolean }>({
    passphrase: null,
    folder: false,
    keep: false,
  });
  const set = useSafetyChange(setBackupSchedule, ['backups']);
  const isPassphraseTyped = passphrase.typed !== '' || passphrase.again !== '';
  const isOther = folder !== (first.folder ?? '') || hour !== String(first.hour) || keep !== first.keep;
  useUnsaved(isPassphraseTyped || isOther);
  const isAtFolder = set.error instanceof ApiError && set.error.param === 'folder';

  function save(event: FormEvent): void {
    event.preventDefault();
    const number = numberOf(keep);
    const isKept = first.hasPassphrase && !isPassphraseTyped;
    const next = {
      passphrase: isKept ? null : passphraseFault(passphrase),
      folder: folder.trim() === '',
      keep: number === null || number < 1 || number > mostKept,
    };
    setFaults(next);
    if (next.passphrase !== null || next.folder || next.keep || number === null) return;
    set.mutate(
      {
        on: true,
        folder: folder.trim(),
        hour: Number(hour),
        keep: number,
        ...(isKept ? {} : { passphrase: passphrase.typed }),
      },
      {
        onSuccess: () => {
          notifications.show({ message: t('settings.daily.saved') });
          onClose();
        },
      },
    );
  }

  return (
    <DialogForm
      submit={t('settings.daily.save')}
      isBusy={set.isPending}
      error={isAtFolder ? null : set.error}
      onSubmit={save}
      onClose={onClose}
    >
      <TextInput
        label={t('settings.daily.folder')}
        description={t('settings.daily.folderMeans')}
        placeholder="/media/backup"
        autoComplete="off"
        spellCheck={false}
        maxLength={4096}
        data-autofocus
        value={folder}
        error={
          faults.folder
            ? t('settings.daily.folderMissing')
            : set.error instanceof ApiError && isAtFolder
              ? toldAtField(set.error)
              : undefined
        }
        onChange={({ currentTarget: { value } }) => setFolder(value)}
      />
      <div className={styles['pair']}>
        <NativeSelect
          label={t('settings.daily.hour')}
          description={t('settings.daily.hourMeans', { zone: first.timeZone })}
          data={hours}
          value={hour}
          onChange={({ currentTarget: { value } }) => setHour(value)}
        />
        <NumberInput
          label={t('settings.daily.keepLabel')}
          description={t('settings.daily.keepMeans')}
          min={1}
          max={mostKept}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="none"
          value={keep}
          error={faults.keep ? t('engines.range', { min: 1, max: mostKept }) : undefined}
          onChange={setKeep}
        />
      </div>
      <PassphraseFields
        value={passphrase}
        fault={faults.passphrase}
        description={t(first.hasPassphrase ? 'settings.passphrase.kept' : 'settings.passphrase.means')}
        onChange={(next) => {
          setPassphrase(next);
          setFaults((before) => ({ ...before, passphrase: null }));
        }}
      />
    </DialogForm>
  );
}
