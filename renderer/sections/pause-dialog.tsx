import { NumberInput, Radio, Stack, Switch } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { longestPauseSeconds, usualDrainSeconds, type PauseKind } from '../../server/wire/owner.ts';
import { takePause } from '../api-owner.ts';
import { Dialog } from '../parts/dialog.tsx';
import { DialogForm } from '../parts/dialog-form.tsx';
import { usePauseChange } from '../queries-owner.ts';

type PauseDialogProps = {
  /** Null while the dialog is closed. */
  readonly kind: PauseKind | null;
  readonly onClose: () => void;
};

/** For how long, and what becomes of the answers that run. */
export function PauseDialog({ kind, onClose }: PauseDialogProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialog title={t(`owner.take.${kind ?? 'gpu'}`)} isOpen={kind !== null} onClose={onClose}>
      {kind !== null && <PauseForm kind={kind} onClose={onClose} />}
    </Dialog>
  );
}

const choices = ['1800', '3600', '7200', 'open', 'own'] as const;
type Choice = (typeof choices)[number];
const mostMinutes = longestPauseSeconds / 60;

function PauseForm({ kind, onClose }: { readonly kind: PauseKind; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const take = usePauseChange(takePause);
  const [choice, setChoice] = useState<Choice>('3600');
  const [minutes, setMinutes] = useState<number | string>(90);
  const [isAtOnce, setIsAtOnce] = useState(false);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const drainSeconds = isAtOnce ? 0 : usualDrainSeconds;
    take.mutate(
      { what: kind, seconds: secondsOf(choice, Number(minutes)), drainSeconds },
      { onSuccess: onClose },
    );
  }
  return (
    <DialogForm
      submit={t(`owner.take.${kind}`)}
      isBusy={take.isPending}
      error={take.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{t(`owner.means.${kind}`)}</p>
      <Radio.Group
        label={t('owner.howLong')}
        value={choice}
        onChange={(value) => setChoice(choices.find((one) => one === value) ?? '3600')}
      >
        <Stack gap="xs" mt="xs">
          {choices.map((one) => (
            <Radio key={one} value={one} label={t(`owner.choice.${one}`)} />
          ))}
        </Stack>
      </Radio.Group>
      {choice === 'own' && (
        <NumberInput
          label={t('owner.minutes')}
          min={1}
          max={mostMinutes}
          allowDecimal={false}
          required
          value={minutes}
          onChange={setMinutes}
        />
      )}
      <Switch
        label={t('owner.atOnce')}
        description={t('owner.atOnceMeans', { count: usualDrainSeconds })}
        checked={isAtOnce}
        onChange={({ currentTarget: { checked } }) => setIsAtOnce(checked)}
      />
    </DialogForm>
  );
}

function secondsOf(choice: Choice, minutes: number): number | null {
  if (choice === 'open') return null;
  return choice === 'own' ? minutes * 60 : Number(choice);
}
