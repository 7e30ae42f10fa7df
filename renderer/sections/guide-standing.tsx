import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ModelCheck } from '../../server/wire/checks.ts';
import type { ConnectGuide, ConnectPage } from '../../server/wire/connect.ts';
import { ErrorNote } from '../parts/error-note.tsx';
import { Note } from '../parts/note.tsx';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { ToolWord } from '../parts/state-word.tsx';
import { useReasons } from '../parts/tool-badge.tsx';
import { useChecks } from '../queries-checks.ts';
import { standingsOf, uncheckedModels, type ToolStanding } from '../tool-standing.ts';
import { tell } from '../server-words.ts';
import { CheckButton, CheckProgress, CheckRemarks, useCheckRun } from './check-run.tsx';
import styles from './guide-standing.module.css';

type GuideStandingProps = { readonly guide: ConnectGuide; readonly roles: ConnectPage['roles'] };

/** Whether the tool works with the models that answer for its names, and what is missing where it does not. */
export function GuideStanding({ guide, roles }: GuideStandingProps): ReactNode {
  const { t } = useTranslation();
  return (
    <Panel title={t('connectPage.standing.title')}>
      <QueryView query={useChecks()}>
        {(checks) => <Standings standings={standingsOf(guide, { roles, checks })} />}
      </QueryView>
    </Panel>
  );
}

/** Name by name, then each model behind them once: its check, and checking now. */
function Standings({ standings }: { readonly standings: readonly ToolStanding[] }): ReactNode {
  const checks = new Set(standings.flatMap(({ check }) => (check === null ? [] : [check])));
  return (
    <>
      <ul className={styles['rows']}>
        {standings.map((standing) => (
          <StandingRow key={standing.role} standing={standing} />
        ))}
      </ul>
      {[...checks].map((check) => (
        <CheckHere key={`${check.engine} ${check.model}`} check={check} />
      ))}
    </>
  );
}

function StandingRow({ standing }: { readonly standing: ToolStanding }): ReactNode {
  const { t } = useTranslation();
  const why = useWhy();
  const { name, part, state } = standing;
  return (
    <li className={styles['row']} data-state={state}>
      <p className={styles['head']}>
        <strong className={styles['name']}>{name}</strong>
        {part !== null && <span className={styles['part']}>{t(`checks.part.${part}`)}</span>}
        <ToolWord state={state} />
      </p>
      <p className={styles['sentence']}>{why(standing)}</p>
    </li>
  );
}

/** Who answers, and what the last check says of that for this tool. */
function useWhy(): (standing: ToolStanding) => string {
  const { t } = useTranslation();
  const reasons = useReasons();
  return ({ servedBy, check, badge }) => {
    if (servedBy === null) return t('connectPage.standing.nobody');
    const by = t('connectPage.standing.by', { model: servedBy.model });
    if (badge?.state === 'works') return `${by} ${t('connectPage.standing.works')}`;
    if (badge !== null) return `${by} ${reasons(badge)}`;
    const isOtherKind = check !== null && check.state !== 'none';
    return isOtherKind ? `${by} ${t('connectPage.standing.otherKind')}` : by;
  };
}

function CheckHere({ check }: { readonly check: ModelCheck }): ReactNode {
  const run = useCheckRun(check);
  return (
    <div className={styles['check']}>
      <p className={styles['head']}>
        {check.model} <CheckButton check={check} run={run} />
      </p>
      <CheckProgress check={check} />
      <CheckRemarks check={check} />
      {run.error !== null && <ErrorNote error={run.error} />}
    </div>
  );
}

/** The models behind the names that nobody has tried yet, each with the way to do so. Their tools have no more to say. */
export function UncheckedModels({ roles }: Pick<GuideStandingProps, 'roles'>): ReactNode {
  const query = useChecks();
  return (
    <QueryView query={query} waiting={<></>}>
      {(checks) =>
        uncheckedModels({ roles, checks }).map(({ check, names }) => (
          <Unchecked key={`${check.engine} ${check.model}`} check={check} names={names} />
        ))
      }
    </QueryView>
  );
}

type UncheckedProps = { readonly check: ModelCheck; readonly names: readonly string[] };

function Unchecked({ check, names }: UncheckedProps): ReactNode {
  const { t } = useTranslation();
  const run = useCheckRun(check);
  const { model, problem } = check;
  return (
    <Note tone="quiet" action={<CheckButton check={check} run={run} />}>
      <p className={styles['sentence']}>
        {t('connectPage.standing.unchecked', { model, names: names.join(', ') })}
      </p>
      {problem !== null && (
        <p className={styles['sentence']}>{t('checks.problem', { reason: tell(problem) ?? problem })}</p>
      )}
      <CheckProgress check={check} />
      {run.error !== null && <ErrorNote error={run.error} />}
    </Note>
  );
}
