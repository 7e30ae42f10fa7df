import { TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api.ts';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { signedOutMeansSession, useModelChange } from '../queries.ts';
import { InspectedView } from './inspected-view.tsx';
import { PickPathButton } from './pick-path-button.tsx';

type AddModelDialogProps = {
  /** The path to begin with, looked at at once unless it is empty; null while the dialog is closed. */
  readonly first: string | null;
  readonly onClose: () => void;
};

/** Registers a GGUF file that is on the server's own disk; it is used where it lies. What it is, is said before. */
export function AddModelDialog({ first, onClose }: AddModelDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('models.addTitle')} isOpen={first !== null} onClose={onClose}>
      {first !== null && <AddModelForm key={first} first={first} onClose={onClose} />}
    </Dialog>
  );
}

function AddModelForm({
  first,
  onClose,
}: {
  readonly first: string;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: api.lookAtFile,
    onError: (error) => signedOutMeansSession(client, error),
  });
  const add = useModelChange(api.addModel);
  const [path, setPath] = useState(first);
  const [wasTried, setWasTried] = useState(false);
  const plainPath = withoutQuotes(path);
  const lookAt = look.mutate;
  useEffect(() => {
    if (first !== '') lookAt(first);
  }, [first, lookAt]);
  const seen = look.data !== undefined && look.variables === plainPath ? look.data : null;

  /** The first press looks, the second accepts what was seen. */
  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (plainPath === '' || add.isPending || look.isPending) return;
    if (seen === null) return look.mutate(plainPath);
    add.mutate(plainPath, {
      onSuccess: () => {
        notifications.show({ message: t('models.added') });
        onClose();
      },
    });
  }

  return (
    <DialogForm
      submit={t(seen === null ? 'getModel.look' : 'models.add')}
      isBusy={add.isPending || look.isPending}
      error={add.error ?? look.error}
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
        onChange={(event) => {
          setPath(event.currentTarget.value);
          look.reset();
          add.reset();
        }}
        error={wasTried && plainPath === '' ? t('models.pathMissing') : null}
      />
      <PickPathButton kind="model-file" onPick={setPath} />
      <div role="status">
        {look.isPending && <Waiting lines={3} />}
        {seen !== null && <InspectedView model={seen} action={null} />}
      </div>
    </DialogForm>
  );
}

/** Windows' "Copy as path" puts quotes around it. */
export function withoutQuotes(path: string): string {
  return path.trim().replace(/^"(.*)"$/, '$1');
}
