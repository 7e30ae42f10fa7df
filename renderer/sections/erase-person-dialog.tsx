import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ErasedPerson } from '../../server/wire/traces.ts';
import { erasePerson } from '../api-safety.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import styles from './settings.module.css';

type ErasePersonDialogProps = {
  /** Null while the dialog is closed. */
  readonly person: string | null;
  readonly onClose: () => void;
};

/** It cannot be taken back, so the name is typed. Afterwards it says what was erased, and where something is left. */
export function ErasePersonDialog({ person, onClose }: ErasePersonDialogProps): ReactNode {
  const { t } = useTranslation();
  const [erased, setErased] = useState<ErasedPerson | null>(null);
  function close(): void {
    setErased(null);
    onClose();
  }
  return (
    <Dialog
      title={
        erased === null
          ? t('settings.erase.title', { person: person ?? '' })
          : t('settings.erase.doneTitle', { person: erased.person })
      }
      isOpen={person !== null}
      onClose={close}
      closesByItself={erased === null}
    >
      {person !== null && erased === null && (
        <EraseForm person={person} onErased={setErased} onClose={close} />
      )}
      {erased !== null && <EraseResult erased={erased} onClose={close} />}
    </Dialog>
  );
}

type EraseFormProps = {
  readonly person: string;
  readonly onErased: (erased: ErasedPerson) => void;
  readonly onClose: () => void;
};

function EraseForm({ person, onErased, onClose }: EraseFormProps): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const erase = useSafetyChange(erasePerson, ['keys', 'traces', 'retention']);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setIsWrong(typed.trim() !== person);
    if (typed.trim() === person) erase.mutate(person, { onSuccess: onErased });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <p className={styles['sentence']}>{t('settings.erase.lead', { person })}</p>
        <ul className={styles['steps']}>
          <li>{t('settings.erase.keys')}</li>
          <li>{t('settings.erase.prompts')}</li>
          <li>{t('settings.erase.log')}</li>
          <li>{t('settings.erase.sums')}</li>
        </ul>
        <TextInput
          label={t('settings.erase.type', { person })}
          autoComplete="off"
          value={typed}
          error={isWrong ? t('settings.erase.wrong') : undefined}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
        {erase.error !== null && <ErrorNote error={erase.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" color="red" loading={erase.isPending}>
            {t('settings.erase.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const places = ['audit', 'logs', 'backups', 'exports'] as const;

function EraseResult({
  erased,
  onClose,
}: {
  readonly erased: ErasedPerson;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const { keys, requests, traces, responses, invitations } = erased;
  const counts = { keys, requests, traces, responses, invitations };
  const names = Object.keys(counts) as (keyof typeof counts)[];
  return (
    <Stack gap="md">
      <Note tone="ok">
        <ul>
          {names.map((name) => (
            <li key={name}>{t(`settings.erase.count.${name}`, { count: counts[name] })}</li>
          ))}
        </ul>
      </Note>
      {erased.left.length > 0 && (
        <>
          <p className={styles['sentence']}>{t('settings.erase.left')}</p>
          <ul className={styles['steps']}>
            {places.map((place) => (
              <li key={place}>{t(`settings.erase.leftIn.${place}`)}</li>
            ))}
            {/* Those are always the same; the server adds what is so only here, such as a folder by its name. */}
            {erased.left.slice(places.length).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </>
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('common.close')}</Button>
      </Group>
    </Stack>
  );
}
