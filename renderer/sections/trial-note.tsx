import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Note } from '../parts/note.tsx';
import { keepTrial, useTrial, type Trial, type TrialName } from '../trial.ts';
import { useCountdown } from '../use-countdown.ts';
import { useFormat } from '../use-format.ts';

type TrialNoteProps = {
  readonly name: TrialName;
  /** What has been changed, and how to see whether others still come in. */
  readonly sentence: string;
};

/** While a change is on trial: the two ways out, and when the second is taken by itself. */
export function TrialNote({ name, sentence }: TrialNoteProps): ReactNode {
  const { t } = useTranslation();
  const trial = useTrial(name);
  if (trial === null) return null;
  return (
    <Note
      tone="waiting"
      action={
        <>
          <Button onClick={() => keepTrial(name)}>{t('network.trial.keep')}</Button>
          <Button variant="default" onClick={trial.takeBack}>
            {t('network.trial.takeBack')}
          </Button>
        </>
      }
    >
      <p role="status">{sentence}</p>
      <TimeLeft trial={trial} />
    </Note>
  );
}

/** Not read out each second. */
function TimeLeft({ trial }: { readonly trial: Trial }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return <p>{t('network.trial.left', { time: format.countdown(useCountdown(trial.endsAt)) })}</p>;
}
