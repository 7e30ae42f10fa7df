import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrialName, WireTrial } from '../../server/wire/trials.ts';
import { keepTrial, takeBackTrial } from '../api-trials.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { useTrial, useTrialChange } from '../queries-trials.ts';
import { serverNowMs } from '../server-time.ts';
import { useCountdown } from '../use-countdown.ts';
import { useFormat } from '../use-format.ts';

type TrialNoteProps = {
  readonly name: TrialName;
  /** What has been changed, and how to see whether others still come in. */
  readonly sentence: ReactNode;
  /** What is said once it was taken back, by whomever. */
  readonly takenBack: string;
};

/** The browser's clock and the server's need not agree to the second. */
const clockDoubtMs = 2_000;

/**
 * While a change is on trial: the two ways out, and when the server takes the second by itself. The page may be closed
 * meanwhile; nothing depends on it.
 */
export function TrialNote({ name, sentence, takenBack }: TrialNoteProps): ReactNode {
  const { t } = useTranslation();
  const trial = useTrial(name);
  const keep = useTrialChange(keepTrial);
  const takeBack = useTrialChange(takeBackTrial);
  const lastEndsAt = useRef<string | null>(null);
  /** Here, so that nothing more has to be said. */
  const isDecided = useRef(false);
  const endsAt = trial?.endsAt ?? null;
  useEffect(() => {
    const before = lastEndsAt.current;
    lastEndsAt.current = endsAt;
    if (endsAt !== null) isDecided.current = false;
    // One that has ended before its time was decided on elsewhere.
    const isOver = before !== null && endsAt === null && Date.parse(before) - serverNowMs() < clockDoubtMs;
    if (isOver && !isDecided.current) notifications.show({ message: takenBack });
  }, [endsAt, takenBack]);
  if (trial === null) return null;
  return (
    <>
      <Note
        tone="waiting"
        action={
          <>
            <Button
              loading={keep.isPending}
              onClick={() => {
                isDecided.current = true;
                keep.mutate(name, { onError: () => (isDecided.current = false) });
              }}
            >
              {t('network.trial.keep')}
            </Button>
            <Button
              variant="default"
              loading={takeBack.isPending}
              onClick={() => {
                isDecided.current = true;
                takeBack.mutate(name, {
                  onSuccess: () => notifications.show({ message: takenBack }),
                  onError: () => (isDecided.current = false),
                });
              }}
            >
              {t('network.trial.takeBack')}
            </Button>
          </>
        }
      >
        <p role="status">{sentence}</p>
        <TimeLeft trial={trial} />
      </Note>
      {keep.error !== null && <ErrorNote error={keep.error} />}
      {takeBack.error !== null && <ErrorNote error={takeBack.error} />}
    </>
  );
}

/** Not read out each second. */
function TimeLeft({ trial }: { readonly trial: WireTrial }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return <p>{t('network.trial.left', { time: format.countdown(useCountdown(trial.endsAt)) })}</p>;
}
