import { Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmSession } from '../api-security.ts';
import { ApiError, onOwnerAgain } from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CurrentPasswordField } from './current-password-field.tsx';

type Answer = (isOwner: boolean) => void;

/**
 * Asks for the password where the server wants it once more, over whatever is open; then that goes on by itself. Who calls
 * the dialog off finds what they wanted to do refused, with the reason.
 */
export function OwnerAgainDialog(): ReactNode {
  const { t } = useTranslation();
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    // Several calls may wait for the one answer.
    let asked: Promise<boolean> | null = null;
    return onOwnerAgain(() => {
      asked ??= new Promise<boolean>((resolve) => setAnswer(() => resolve)).finally(() => {
        asked = null;
        setAnswer(null);
      });
      return asked;
    });
  }, []);
  return (
    <Dialog
      title={t('security.again.title')}
      isOpen={answer !== null}
      onClose={() => answer?.(false)}
      isAboveOthers
    >
      {answer !== null && <AgainForm onAnswer={answer} />}
    </Dialog>
  );
}

function AgainForm({ onAnswer }: { readonly onAnswer: Answer }): ReactNode {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const confirm = useMutation({ mutationFn: confirmSession });
  const isWrong = confirm.error instanceof ApiError && confirm.error.code === 'wrong_password';
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (confirm.isPending) return;
    confirm.mutate(password, { onSuccess: () => onAnswer(true) });
  }
  return (
    <DialogForm
      submit={t('security.again.submit')}
      isBusy={confirm.isPending}
      error={isWrong ? null : confirm.error}
      onSubmit={submit}
      onClose={() => onAnswer(false)}
    >
      <Text>{t('security.again.lead')}</Text>
      {/* For password managers, which file a password under a name. */}
      <input type="text" name="username" autoComplete="username" value="owner" readOnly hidden />
      <CurrentPasswordField value={password} onChange={setPassword} isWrong={isWrong} isFirst />
    </DialogForm>
  );
}
