import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { longestAdminTokenDays, type CreatedAdminToken } from '../../server/wire/security.ts';
import * as api from '../api-security.ts';
import { ApiError } from '../api.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useSecurityChange } from '../queries-security.ts';
import { toldAtField } from '../refusal.ts';
import { useUnsaved } from '../unsaved.ts';
import { CurrentPasswordField, useNeedsPassword } from './current-password-field.tsx';

const spansDays = [7, 30, 90, longestAdminTokenDays] as const;
const usualDays = 90;
const dayMs = 86_400_000;

type AdminTokenDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

/** First the form, then the token, once: then it closes by its button only. */
export function AdminTokenDialog({ isOpen, onClose }: AdminTokenDialogProps): ReactNode {
  const { t } = useTranslation();
  const [created, setCreated] = useState<CreatedAdminToken | null>(null);
  function close(): void {
    setCreated(null);
    onClose();
  }
  return (
    <Dialog
      title={
        created === null
          ? t('security.tokens.create')
          : t('security.tokens.createdTitle', { name: created.name })
      }
      isOpen={isOpen}
      onClose={close}
      closesByItself={created === null}
    >
      {created === null ? (
        <TokenForm onCreated={setCreated} onClose={close} />
      ) : (
        <Stack gap="md">
          <Text>{t('security.tokens.shownOnce')}</Text>
          <CopyField label={t('security.tokens.token')} value={created.token} />
          <Group justify="flex-end">
            <Button onClick={close}>{t('security.tokens.stored')}</Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

type TokenFormProps = {
  readonly onCreated: (created: CreatedAdminToken) => void;
  readonly onClose: () => void;
};

function TokenForm({ onCreated, onClose }: TokenFormProps): ReactNode {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [days, setDays] = useState<number>(usualDays);
  const [password, setPassword] = useState('');
  const [wasTried, setWasTried] = useState(false);
  useUnsaved(name !== '' || days !== usualDays || password !== '');
  const create = useSecurityChange(api.createAdminToken);
  const needsPassword = useNeedsPassword();
  const refusal = create.error instanceof ApiError ? create.error : null;
  const isWrong = refusal?.code === 'wrong_password';
  const isTaken = refusal?.code === 'name_taken';
  const nameFault = wasTried && name.trim() === '' ? t('security.tokens.nameMissing') : null;

  function submit(event: FormEvent): void {
    event.preventDefault();
    setWasTried(true);
    if (name.trim() === '' || create.isPending) return;
    const expiresAt = new Date(Date.now() + days * dayMs).toISOString();
    create.mutate({ name, expiresAt, currentPassword: password }, { onSuccess: onCreated });
  }

  return (
    <DialogForm
      submit={t('security.tokens.create')}
      isBusy={create.isPending}
      error={isWrong || isTaken ? null : create.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('security.tokens.name')}
        value={name}
        data-autofocus
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
        error={isTaken ? toldAtField(refusal) : nameFault}
      />
      <NativeSelect
        label={t('security.tokens.expires')}
        value={String(days)}
        data={spansDays.map((count) => ({
          value: String(count),
          label: t('security.tokens.days', { count }),
        }))}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      />
      {needsPassword && <CurrentPasswordField value={password} onChange={setPassword} isWrong={isWrong} />}
    </DialogForm>
  );
}
