import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { useAliasChange, useAliases, useModels } from '../queries.ts';

type AddAliasDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** A name of the office's own, for instance the one that a tool has been set to for years. */
export function AddAliasDialog({ isOpen, onClose }: AddAliasDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('aliases.addTitle')} isOpen={isOpen} onClose={onClose}>
      <AddAliasForm onClose={onClose} />
    </Dialog>
  );
}

function AddAliasForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const models = useModels().data ?? [];
  const taken = (useAliases().data ?? []).map((alias) => alias.name);
  const add = useAliasChange(api.setAlias);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [wasTried, setWasTried] = useState(false);
  const name = typed.trim();
  const model = chosen ?? models[0]?.id ?? '';
  // An existing one would be pointed elsewhere unasked.
  const problem =
    name === '' ? t('aliases.nameMissing') : taken.includes(name) ? t('aliases.nameTaken') : null;

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (problem !== null || model === '' || add.isPending) return;
    add.mutate(
      { name, model },
      {
        onSuccess: (saved) => {
          notifications.show({ message: t('aliases.moved', { ...saved }) });
          onClose();
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput
          label={t('aliases.name')}
          description={t('aliases.nameHint')}
          placeholder="gpt-4o-mini"
          value={typed}
          required
          withAsterisk={false}
          maxLength={200}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={wasTried ? problem : null}
        />
        <NativeSelect
          label={t('aliases.model')}
          value={model}
          data={models.map(({ id }) => id)}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        {add.error !== null && <ErrorNote error={add.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t('aliases.add')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
