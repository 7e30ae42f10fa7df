import { Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { BegunTotp } from '../../server/wire/security.ts';
import * as api from '../api-security.ts';
import { ApiError } from '../api.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { SecretQrCode } from '../parts/qr-code.tsx';
import { useSecurityChange } from '../queries-security.ts';
import { CurrentPasswordField, useNeedsPassword } from './current-password-field.tsx';
import { RecoveryCodesView } from './recovery-codes-view.tsx';

type DialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** Password, QR code and a first code, recovery codes: it counts from the second step on. */
export function SecondStepSetUpDialog({ isOpen, onClose }: DialogProps): ReactNode {
  const { t } = useTranslation();
  const [begun, setBegun] = useState<BegunTotp | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  function close(): void {
    setBegun(null);
    setCodes(null);
    onClose();
  }
  return (
    <Dialog
      title={codes === null ? t('security.totp.setUpTitle') : t('security.totp.codesTitle')}
      isOpen={isOpen}
      onClose={close}
      closesByItself={codes === null}
    >
      {codes !== null ? (
        <RecoveryCodesView codes={codes} onDone={close} />
      ) : begun === null ? (
        <BeginForm onBegun={setBegun} onClose={close} />
      ) : (
        <ConfirmForm begun={begun} onConfirmed={setCodes} onClose={close} />
      )}
    </Dialog>
  );
}

type BeginFormProps = { readonly onBegun: (begun: BegunTotp) => void; readonly onClose: () => void };

function BeginForm({ onBegun, onClose }: BeginFormProps): ReactNode {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const begin = useSecurityChange(api.beginTotp);
  const needsPassword = useNeedsPassword();
  const isWrong = begin.error instanceof ApiError && begin.error.code === 'wrong_password';
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!begin.isPending) begin.mutate(password, { onSuccess: onBegun });
  }
  return (
    <DialogForm
      submit={t('security.totp.next')}
      isBusy={begin.isPending}
      error={isWrong ? null : begin.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>{t('security.totp.offLead')}</Text>
      {needsPassword && <CurrentPasswordField value={password} onChange={setPassword} isWrong={isWrong} />}
    </DialogForm>
  );
}

type ConfirmFormProps = {
  readonly begun: BegunTotp;
  readonly onConfirmed: (codes: readonly string[]) => void;
  readonly onClose: () => void;
};

function ConfirmForm({ begun, onConfirmed, onClose }: ConfirmFormProps): ReactNode {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const confirm = useSecurityChange(api.confirmTotp);
  const isWrong = confirm.error instanceof ApiError && confirm.error.param === 'code';
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (code.trim() === '' || confirm.isPending) return;
    confirm.mutate(code, { onSuccess: ({ recoveryCodes }) => onConfirmed(recoveryCodes) });
  }
  return (
    <DialogForm
      submit={t('security.totp.confirm')}
      isBusy={confirm.isPending}
      error={isWrong ? null : confirm.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Stack gap="md">
        <Text>{t('security.totp.scan')}</Text>
        <SecretQrCode svg={begun.qr} label={t('security.totp.qr')} />
        <CopyField label={t('security.totp.secret')} value={begun.secret} />
        <TextInput
          label={t('security.totp.code')}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          value={code}
          data-autofocus
          onChange={(event) => setCode(event.currentTarget.value)}
          error={isWrong ? t('security.totp.wrongCode') : null}
        />
      </Stack>
    </DialogForm>
  );
}
