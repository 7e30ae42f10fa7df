import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { UsageAnswer, UsageRow } from '../../server/wire/usage.ts';
import { unknown } from '../format.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import { TokenNote } from '../parts/token-note.tsx';
import type { Span } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { useFormat } from '../use-format.ts';
import { requestsAddress, withoutClient, type WhoFilters } from '../request-filters.ts';
import styles from './usage-summary.module.css';

type SpanAndWho = { readonly span: Span; readonly who: WhoFilters };

/** The time in seven numbers. */
export function UsageSummary({ span, who }: SpanAndWho): ReactNode {
  const { t } = useTranslation();
  const query = useUsage(span, '', withoutClient(who));
  return (
    <Panel title={t('usage.summary')}>
      <div className={styles['room']}>
        <QueryView query={query}>
          {(answer) => {
            const [row] = answer.rows;
            return row === undefined ? null : <Numbers row={row} answer={answer} span={span} who={who} />;
          }}
        </QueryView>
      </div>
      <TokenNote />
    </Panel>
  );
}

type NumbersProps = SpanAndWho & { readonly row: UsageRow; readonly answer: UsageAnswer };

function Numbers({ row, answer, span, who }: NumbersProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const failed = row.requests - row.ok;
  const speed = (value: number | null): string => (value === null ? unknown : format.rate(value));
  return (
    <dl className={styles['list']}>
      <Tile
        label={t('usage.number.requests')}
        value={format.count(row.requests)}
        exact={format.integer(row.requests)}
        second={<Besides row={row} turnedAway={answer.turnedAway} />}
      />
      <Tile
        label={t('usage.number.notAnswered')}
        value={format.count(failed)}
        exact={format.integer(failed)}
        second={
          row.errors > 0 && (
            <Link href={requestsAddress({ ...who, status: 'error', since: span.from, until: span.to })}>
              {t('usage.showErrors', { count: row.errors, shown: format.count(row.errors) })}
            </Link>
          )
        }
      />
      <Tile
        label={t('usage.number.tokensIn')}
        value={format.count(row.promptTokens)}
        exact={format.integer(row.promptTokens)}
        second={
          row.promptTokens > 0 &&
          t('usage.reused', { share: format.percent((row.cachedTokens / row.promptTokens) * 100) })
        }
      />
      <Tile
        label={t('usage.number.tokensOut')}
        value={format.count(row.completionTokens)}
        exact={format.integer(row.completionTokens)}
        second={row.cost > 0 && t('usage.cost', { amount: format.money(row.cost, answer.currency) })}
      />
      <Tile
        label={t('usage.number.firstWord')}
        value={format.duration(row.firstTokenMsP50)}
        second={
          row.firstTokenMsP95 !== null && t('usage.slowest', { time: format.duration(row.firstTokenMsP95) })
        }
      />
      <Tile
        label={t('usage.number.whole')}
        value={format.duration(row.totalMsP50)}
        second={row.totalMsP95 !== null && t('usage.slowest', { time: format.duration(row.totalMsP95) })}
      />
      <Tile
        label={t('usage.number.speed')}
        value={speed(row.tokensPerSecondP50)}
        second={
          row.tokensPerSecondP5 !== null &&
          t('usage.atLeast', { speed: t('usage.perSecond', { speed: speed(row.tokensPerSecondP5) }) })
        }
      />
    </dl>
  );
}

/** What of the requests cost no computing, and what never became one. */
function Besides({ row, turnedAway }: { readonly row: UsageRow; readonly turnedAway: number }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const hits = { count: row.cacheHits, shown: format.count(row.cacheHits) };
  const away = { count: turnedAway, shown: format.count(turnedAway) };
  return (
    <>
      {row.cacheHits > 0 && <span>{t('usage.cacheHits', hits)} </span>}
      {turnedAway > 0 && <span>{t('usage.turnedAway', away)}</span>}
    </>
  );
}

type TileProps = {
  readonly label: string;
  readonly value: string;
  readonly exact?: string;
  readonly second: ReactNode;
};

function Tile({ label, value, exact, second }: TileProps): ReactNode {
  return (
    <div className={styles['stat']}>
      <dt className={styles['label']}>{label}</dt>
      <dd className={styles['value']} title={exact}>
        {value}
      </dd>
      {second !== false && <dd className={styles['second']}>{second}</dd>}
    </div>
  );
}
