import { Button } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckedModel } from '../api-checks.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { ToolBadges } from '../parts/tool-badge.tsx';
import { useModelCheck } from '../queries-checks.ts';
import { CheckDrawer } from './check-drawer.tsx';
import { CheckButton, CheckProgress, CheckRemarks, useCheckRun } from './check-run.tsx';
import styles from './model-check-view.module.css';

/** For which tools a model is good, by what was tried with it; and trying it. */
export function ModelCheckView({ model, engine }: CheckedModel): ReactNode {
  const { t } = useTranslation();
  const query = useModelCheck({ model, engine });
  const run = useCheckRun({ model, engine });
  const [isShown, setIsShown] = useState(false);
  const check = query.data ?? null;
  // Until it is known there is nothing to say; the card itself shows that the server is waited for.
  if (check === null) return null;
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
          <CheckButton check={check} run={run} />
        </div>
      </div>
      <CheckProgress check={check} />
      <CheckRemarks check={check} />
      {run.error !== null && <ErrorNote error={run.error} />}
      {check.badges.length > 0 && <ToolBadges badges={check.badges} />}
      <CheckDrawer check={isShown ? check : null} onClose={() => setIsShown(false)} />
    </section>
  );
}
