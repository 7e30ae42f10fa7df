import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelCheck } from '../../server/wire/checks.ts';
import type { CheckedModel } from '../api-checks.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { ProgressLine } from '../parts/progress-line.tsx';
import { ToolBadges } from '../parts/tool-badge.tsx';
import { useCancelCheck, useModelCheck, useStartCheck } from '../queries-checks.ts';
import { CheckDrawer } from './check-drawer.tsx';
import styles from './model-check-view.module.css';

/** For which tools a model is good, by what was tried with it; and trying it. */
export function ModelCheckView({ model, engine }: CheckedModel): ReactNode {
  const { t } = useTranslation();
  const query = useModelCheck({ model, engine });
  const start = useStartCheck();
  const cancel = useCancelCheck();
  const [isShown, setIsShown] = useState(false);
  const check = query.data ?? null;
  const error = start.error ?? cancel.error;
  // Until it is known there is nothing to say; the card itself shows that the server is waited for.
  if (check === null) return null;
  const isRunning = check.run !== null;
  return (
    <section className={styles['check']} aria-label={t('checks.of', { model })}>
      <div className={styles['head']}>
        <span className={styles['title']} aria-hidden>
          {t('checks.title')}
        </span>
        <div className={styles['ways']}>
          {check.state !== 'none' && (
            <Button
              variant="subtle"
              size="compact-sm"
              aria-label={t('checks.detailsWhat', { model })}
              onClick={() => setIsShown(true)}
            >
              {t('checks.details')}
            </Button>
          )}
          {isRunning ? (
            <Button
              variant="default"
              size="compact-sm"
              loading={cancel.isPending}
              aria-label={t('checks.stopWhat', { model })}
              onClick={() => cancel.mutate({ model, engine })}
            >
              {t('checks.stop')}
            </Button>
          ) : (
            <Button
              variant="default"
              size="compact-sm"
              loading={start.isPending}
              aria-label={t(check.state === 'none' ? 'checks.checkWhat' : 'checks.againWhat', { model })}
              onClick={() => {
                cancel.reset();
                start.mutate({ model, engine });
              }}
            >
              {t(check.state === 'none' ? 'checks.check' : 'checks.again')}
            </Button>
          )}
        </div>
      </div>
      <CheckProgress check={check} />
      <CheckRemarks check={check} />
      {error !== null && <ErrorNote error={error} />}
      {check.badges.length > 0 && <ToolBadges badges={check.badges} />}
      <CheckDrawer check={isShown ? check : null} onClose={() => setIsShown(false)} />
    </section>
  );
}

function CheckProgress({ check: { run, model } }: { readonly check: ModelCheck }): ReactNode {
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
function CheckRemarks({ check }: { readonly check: ModelCheck }): ReactNode {
  const { t } = useTranslation();
  const { state, run, problem, changed, badges } = check;
  return (
    <>
      {problem !== null && <Note tone="attention">{t('checks.problem', { reason: problem })}</Note>}
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
