import { Checkbox, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { forgetAllTraces, purge } from '../api-safety.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { useSafetyChange } from '../queries-safety.ts';
import { useOfStatus, zoneOf } from '../queries.ts';
import { useNow } from '../use-format.ts';
import { beginOfDay, dayIn, isDay, shiftDay } from '../zone.ts';
import styles from './settings.module.css';

type PurgeDialogProps = { readonly isOpen: boolean; readonly onClose: () => void };

const kinds = ['requests', 'sums', 'prompts'] as const;
type Kind = (typeof kinds)[number];

/** Deletes for good what is older than a day, beside what the settings delete by themselves. */
export function PurgeDialog({ isOpen, onClose }: PurgeDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t('settings.purge.title')} isOpen={isOpen} onClose={onClose}>
      {isOpen && <PurgeForm onClose={onClose} />}
    </Dialog>
  );
}

const usualDays = 90;

function PurgeForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const zone = useOfStatus(zoneOf).data ?? 'UTC';
  const today = dayIn(zone, useNow());
  const [day, setDay] = useState(() => shiftDay(today, -usualDays));
  const [chosen, setChosen] = useState<readonly Kind[]>(['requests']);
  const [isWrong, setIsWrong] = useState(false);
  const change = useSafetyChange(deleteOlder, ['retention', 'traces']);

  function save(event: FormEvent): void {
    event.preventDefault();
    setIsWrong(!isDay(day) || chosen.length === 0);
    if (!isDay(day) || chosen.length === 0) return;
    const before = beginOfDay(zone, day).toISOString();
    change.mutate(
      { chosen, before },
      {
        onSuccess: () => {
          notifications.show({ message: t('settings.purge.done') });
          onClose();
        },
      },
    );
  }

  return (
    <DialogForm
      submit={t('settings.purge.submit')}
      isDangerous
      isBusy={change.isPending}
      error={change.error}
      onSubmit={save}
      onClose={onClose}
    >
      <p className={styles['sentence']}>{t('settings.purge.lead')}</p>
      <TextInput
        type="date"
        label={t('settings.purge.before')}
        max={today}
        value={day}
        error={isWrong && !isDay(day) ? t('settings.purge.dayMissing') : undefined}
        onChange={({ currentTarget: { value } }) => setDay(value)}
      />
      <Checkbox.Group
        label={t('settings.purge.what')}
        value={[...chosen]}
        error={isWrong && chosen.length === 0 ? t('settings.purge.nothing') : undefined}
        onChange={(values) => setChosen(kinds.filter((kind) => values.includes(kind)))}
      >
        <div className={styles['body']}>
          {kinds.map((kind) => (
            <Checkbox
              key={kind}
              value={kind}
              label={t(`settings.purge.kind.${kind}`)}
              description={t(`settings.purge.means.${kind}`)}
            />
          ))}
        </div>
      </Checkbox.Group>
    </DialogForm>
  );
}

async function deleteOlder({
  chosen,
  before,
}: {
  readonly chosen: readonly Kind[];
  readonly before: string;
}): Promise<void> {
  if (chosen.includes('requests') || chosen.includes('sums')) {
    await purge({
      ...(chosen.includes('requests') ? { requestsBefore: before } : {}),
      ...(chosen.includes('sums') ? { usageBefore: before } : {}),
    });
  }
  if (chosen.includes('prompts')) await forgetAllTraces();
}
