import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { currentLanguage } from '../i18n.ts';
import type { LiveState } from '../live.ts';
import { useKnownFindings } from '../queries-health.ts';
import { useLan, useModels, useStatus } from '../queries.ts';
import styles from './health-link.module.css';

type HealthLinkProps = {
  readonly live: LiveState;
  readonly className: string | undefined;
  /** For who has shown it in something that is to close. */
  readonly onFollow?: () => void;
};

/** A dot with words, and the way to the doctor. What is known anyway decides: nothing is looked at for it. */
export function HealthLink({ live, className, onFollow }: HealthLinkProps): ReactNode {
  const { t } = useTranslation();
  const standing = useStanding(live);
  return (
    <Link
      href="/health"
      className={className ?? ''}
      {...(onFollow === undefined ? {} : { onClick: onFollow })}
    >
      <span className={styles['dot']} data-standing={standing} aria-hidden />
      <span className={styles['words']}>{t(`healthDot.${standing}`)}</span>
    </Link>
  );
}

type Standing = 'well' | 'look' | 'lost';

function useStanding(live: LiveState): Standing {
  const status = useStatus().data;
  const models = useModels().data ?? [];
  const lan = useLan().data;
  // As the page of health has found it, which says “needs you” of both.
  const findings = useKnownFindings(currentLanguage());
  if (live.phase === 'lost') return 'lost';
  const needsSomebody = findings?.checks.some(({ state }) => state === 'bad' || state === 'warn') ?? false;
  const hasLogProblem = (status?.log?.problem ?? null) !== null;
  const hasFailed = models.length > 0 && models.every(({ state }) => state === 'failed');
  const isClosedIn = lan?.phase === 'doubtful' || lan?.phase === 'no-network';
  return needsSomebody || hasLogProblem || hasFailed || isClosedIn ? 'look' : 'well';
}
