import { Text, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api-security.ts';
import { ApiError } from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useSecurityChange } from '../queries-security.ts';
import { CurrentPasswordField, useNeedsPassword } from './current-password-field.tsx';
import { RecoveryCodesView } from './recovery-codes-view.tsx';

type ChangeProps = {
  /** New recovery codes, or switching it off; null while neither is asked for. */
  readonly change: 'renew' | 'off' | null;
  readonly onClose: () => void;
};

export function SecondStepChangeDialog({ change, onClose }: ChangeProps): ReactNode {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  function close(): void {
    setCodes(null);
    onClose();
  }
  return (
    <Dialog
      title={t(change === 'off' ? 'security.totp.offTitle' : 'security.totp.renew')}
      isOpen={change !== null}
      onClose={close}
      closesByItself={codes === null}
    >
      {codes === null ? (
        <ProofForm isOff={change === 'off'} onCodes={setCodes} onClose={close} />
      ) : (
        <RecoveryCodesView codes={codes} onDone={close} />
      )}
    </Dialog>
  );
}

type ProofFormProps = {
  readonly isOff: boolean;
  readonly onCodes: (codes: readonly string[]) => void;
  readonly onClose: () => void;
};

/** Both need password and a code. */
function ProofForm({ isOff, onCodes, onClose }: ProofFormProps): ReactNode {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const off = useSecurityChange(api.switchTotpOff);
  const renew = useSecurityChange(api.renewRecoveryCodes);
  const needsPassword = useNeedsPassword();
  const { error, isPending } = isOff ? off : renew;
  const wrong = error instanceof ApiError ? error.code : null;
  const isCodeWrong = wrong === 'wrong_code' || wrong === 'code_used';
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (code.trim() === '' || isPending) return;
    const proof = { currentPassword: password, code };
    if (isOff) off.mutate(proof, { onSuccess: onClose });
    else renew.mutate(proof, { onSuccess: ({ recoveryCodes }) => onCodes(recoveryCodes) });
  }
  return (
    <DialogForm
      submit={t(isOff ? 'security.totp.off' : 'security.totp.renew')}
      isBusy={isPending}
      error={isCodeWrong || wrong === 'wrong_password' ? null : error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>{t(isOff ? 'security.totp.offSentence' : 'security.totp.renewSentence')}</Text>
      {needsPassword && (
        <CurrentPasswordField value={password} onChange={setPassword} isWrong={wrong === 'wrong_password'} />
      )}
      <TextInput
        label={t('security.totp.eitherCode')}
        name="code"
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={
          isCodeWrong
            ? t(wrong === 'code_used' ? 'security.signIn.usedCode' : 'security.signIn.wrongCode')
            : null
        }
      />
    </DialogForm>
  );
}
