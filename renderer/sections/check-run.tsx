import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelCheck } from '../../server/wire/checks.ts';
import type { CheckedModel } from '../api-checks.ts';
import { Note } from '../parts/note.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { useCancelCheck, useStartCheck } from '../queries-checks.ts';
import { tell } from '../server-words.ts';
import styles from './model-check-view.module.css';

/** Checking a model, or ending that; `error` is why the last of both could not be done. */
export type CheckRun = {
  readonly begin: () => void;
  readonly end: () => void;
  readonly isPending: boolean;
  readonly error: unknown;
};

export function useCheckRun({ model, engine }: CheckedModel): CheckRun {
  const start = useStartCheck();
  const cancel = useCancelCheck();
  return {
    begin() {
      cancel.reset();
      start.mutate({ model, engine });
    },
    end() {
      start.reset();
      cancel.mutate({ model, engine });
    },
    isPending: start.isPending || cancel.isPending,
    error: start.error ?? cancel.error,
  };
}

type CheckButtonProps = { readonly check: ModelCheck; readonly run: CheckRun };

export function CheckButton({ check, run }: CheckButtonProps): ReactNode {
  const { t } = useTranslation();
  const { model, state } = check;
  const isRunning = check.run !== null;
  const what = isRunning ? 'stop' : state === 'none' ? 'check' : 'again';
  return (
    <Button
      variant="default"
      size="compact-sm"
      loading={run.isPending}
      aria-label={t(`checks.${what}What`, { model })}
      onClick={isRunning ? run.end : run.begin}
    >
      {t(`checks.${what}`)}
    </Button>
  );
}

/** How far it has come; nothing while none runs. */
export function CheckProgress({ check: { run, model } }: { readonly check: ModelCheck }): ReactNode {
  const { t } = useTranslation();
  if (run === null) return null;
  const { point, verdicts, of } = run;
  const done = verdicts.length;
  const sentence =
    run.state === 'waiting'
      ? t('checks.waiting')
      : point === null
        ? t('checks.loading')
        : t('checks.running', { done: done + 1, of, point: t(`checks.point.${point}`) });
  return (
    <>
      <p className={styles['sentence']}>{sentence}</p>
      <ProgressLine
        percent={(done / of) * 100}
        label={t('checks.progress', { model })}
        rests={run.state === 'waiting'}
      />
    </>
  );
}

/** That it never was, that something has changed since, or that it could not be made. */
export function CheckRemarks({ check }: { readonly check: ModelCheck }): ReactNode {
  const { t } = useTranslation();
  const { state, run, problem, changed, badges } = check;
  return (
    <>
      {problem !== null && (
        <Note tone="attention">{t('checks.problem', { reason: tell(problem) ?? problem })}</Note>
      )}
      {state === 'none' && run === null && <p className={styles['sentence']}>{t('checks.never')}</p>}
      {state === 'stale' && (
        <Note tone="attention">
          {t('checks.stale', { what: changed.map((one) => t(`checks.change.${one}`)).join(', ') })}
        </Note>
      )}
      {state !== 'none' && badges.length === 0 && <p className={styles['sentence']}>{t('checks.noTools')}</p>}
    </>
  );
}
