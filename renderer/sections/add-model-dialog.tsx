import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useModelChange } from '../queries.ts';

type AddModelDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** Registers a GGUF file that is on the server's own disk; it is used where it lies. */
export function AddModelDialog({ isOpen, onClose }: AddModelDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('models.addTitle')} isOpen={isOpen} onClose={onClose}>
      <AddModelForm onClose={onClose} />
    </Dialog>
  );
}

function AddModelForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const add = useModelChange(api.addModel);
  const [path, setPath] = useState('');
  const [wasTried, setWasTried] = useState(false);
  const plainPath = withoutQuotes(path);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (plainPath === '' || add.isPending) return;
    add.mutate(plainPath, {
      onSuccess: () => {
        notifications.show({ message: t('models.added') });
        onClose();
      },
    });
  }

  return (
    <DialogForm
      submit={t('models.add')}
      isBusy={add.isPending}
      error={add.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('models.path')}
        description={t('models.pathHint')}
        placeholder="/models/qwen3-8b.Q4_K_M.gguf"
        value={path}
        required
        withAsterisk={false}
        data-autofocus
        onChange={(event) => setPath(event.currentTarget.value)}
        error={wasTried && plainPath === '' ? t('models.pathMissing') : null}
      />
    </DialogForm>
  );
}

/** Windows' "Copy as path" puts quotes around it. */
export function withoutQuotes(path: string): string {
  return path.trim().replace(/^"(.*)"$/, '$1');
}
