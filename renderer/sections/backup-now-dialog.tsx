import { Radio, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { createBackup, fetchBackup } from '../api-safety.ts';
import { ApiError } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import { toldAtField } from '../refusal.ts';
import { saveFile } from '../save-file.ts';
import { useFormat } from '../use-format.ts';
import { PassphraseFields, passphraseFault, type PassphraseFault } from './passphrase-fields.tsx';

type BackupNowDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

const ways = ['download', 'folder'] as const;
type Way = (typeof ways)[number];

export function BackupNowDialog({ isOpen, onClose }: BackupNowDialogProps): ReactNode {
  const { t } = useTranslation();
  const [isBusy, setIsBusy] = useState(false);
  return (
    <Dialog title={t('settings.backup.now')} isOpen={isOpen} onClose={onClose} closesByItself={!isBusy}>
      {isOpen && <BackupNowForm onBusy={setIsBusy} onClose={onClose} />}
    </Dialog>
  );
}

type BackupNowFormProps = {
  readonly onBusy: (isBusy: boolean) => void;
  readonly onClose: () => void;
};

function BackupNowForm({ onBusy, onClose }: BackupNowFormProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [way, setWay] = useState<Way>('download');
  const [file, setFile] = useState('');
  const [passphrase, setPassphrase] = useState({ typed: '', again: '' });
  const [fault, setFault] = useState<PassphraseFault>(null);
  const [isFileMissing, setIsFileMissing] = useState(false);
  const download = useSafetyChange(fetchBackup, ['backups']);
  const create = useSafetyChange(createBackup, ['backups']);
  const error = download.error ?? create.error;
  const isAtFile = error instanceof ApiError && error.param === 'file';

  function save(event: FormEvent): void {
    event.preventDefault();
    const problem = passphraseFault(passphrase);
    const isMissing = way === 'folder' && file.trim() === '';
    setFault(problem);
    setIsFileMissing(isMissing);
    if (problem !== null || isMissing) return;
    download.reset();
    create.reset();
    onBusy(true);
    const onSettled = (): void => onBusy(false);
    if (way === 'download') {
      download.mutate(passphrase.typed, {
        onSuccess: (made) => {
          saveFile(made);
          notifications.show({
            message: t('settings.backup.downloaded', {
              name: made.name,
              size: format.fileSize(made.content.size),
            }),
          });
          onClose();
        },
        onSettled,
      });
      return;
    }
    create.mutate(
      { file: file.trim(), passphrase: passphrase.typed },
      {
        onSuccess: (made) => {
          notifications.show({
            message: t('settings.backup.written', { file: made.file, size: format.fileSize(made.bytes) }),
          });
          onClose();
        },
        onSettled,
      },
    );
  }

  return (
    <DialogForm
      submit={t('settings.backup.make')}
      isBusy={download.isPending || create.isPending}
      error={isAtFile ? null : error}
      onSubmit={save}
      onClose={onClose}
    >
      <PassphraseFields
        value={passphrase}
        fault={fault}
        description={t('settings.passphrase.means')}
        onChange={(next) => {
          setPassphrase(next);
          setFault(null);
        }}
      />
      <Radio.Group
        label={t('settings.backup.where')}
        value={way}
        onChange={(value) => setWay(ways.find((known) => known === value) ?? 'download')}
      >
        <Stack gap="sm" mt="xs">
          {ways.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`settings.backup.way.${value}`)}
              description={t(`settings.backup.wayMeans.${value}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {way === 'folder' && (
        <TextInput
          label={t('settings.backup.file')}
          description={t('settings.backup.fileMeans')}
          placeholder="/media/backup/inglenook.age"
          autoComplete="off"
          spellCheck={false}
          maxLength={4096}
          value={file}
          error={isFileMissing ? t('settings.backup.fileMissing') : isAtFile ? toldAtField(error) : undefined}
          onChange={({ currentTarget: { value } }) => setFile(value)}
        />
      )}
    </DialogForm>
  );
}
