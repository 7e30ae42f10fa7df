import type { CSSProperties, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { UsageRow } from '../../server/wire/usage.ts';
import { Panel } from '../parts/panel.tsx';
import { QueryView } from '../parts/query-view.tsx';
import type { Span } from '../period.ts';
import { useUsage } from '../queries-usage.ts';
import { requestsAddress, withoutClient, type WhoFilters } from '../request-filters.ts';
import { useModelColors, usePersonColors, type Colors } from '../series-colors.ts';
import { useFormat } from '../use-format.ts';
import styles from './usage-top.module.css';

type UsageTopProps = { readonly span: Span; readonly who: WhoFilters };

const shownLines = 5;

/** Who and what had the most tokens. */
export function UsageTop({ span, who }: UsageTopProps): ReactNode {
  const { t } = useTranslation();
  const query = useUsage(span, 'person,model', withoutClient(who));
  const colors = { person: usePersonColors(), model: useModelColors() };
  const nobody = { person: t('people.nobodys'), model: t('usage.noModel') };
  return (
    <div className={styles['pair']}>
      {(['person', 'model'] as const).map((part) => (
        <Panel key={part} title={t(`usage.top.${part}`)}>
          <QueryView query={query}>
            {({ rows }) => (
              <Ranking
                lines={linesOf(rows, part)}
                colors={colors[part]}
                nobody={nobody[part]}
                addressOf={(name) =>
                  requestsAddress({ ...who, [part]: name, since: span.from, until: span.to })
                }
              />
            )}
          </QueryView>
        </Panel>
      ))}
    </div>
  );
}

type Line = { readonly name: string | null; readonly tokens: number };
type RankingProps = {
  readonly lines: readonly Line[];
  readonly colors: Colors;
  readonly nobody: string;
  readonly addressOf: (name: string) => string;
};

function Ranking({ lines, colors, nobody, addressOf }: RankingProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [first] = lines;
  if (first === undefined) return <p className={styles['nothing']}>{t('usage.nothing.tokens')}</p>;
  const colorOf = colors(lines.map(({ name }) => name));
  return (
    <ol className={styles['list']}>
      {lines.map(({ name, tokens }) => (
        <li key={name ?? ''} className={styles['line']}>
          <span className={styles['name']}>
            {name === null ? nobody : <Link href={addressOf(name)}>{name}</Link>}
          </span>
          <span title={t('usage.tokenCount', { count: tokens, shown: format.integer(tokens) })}>
            {format.count(tokens)}
          </span>
          <span
            className={styles['bar']}
            aria-hidden
            style={{ '--share': tokens / first.tokens, '--color': colorOf.get(name) } as CSSProperties}
          />
        </li>
      ))}
    </ol>
  );
}

/** The most first; what had no tokens is in no ranking. */
function linesOf(rows: readonly UsageRow[], part: 'person' | 'model'): Line[] {
  const sums = new Map<string | null, number>();
  for (const row of rows) {
    const name = row[part] ?? null;
    sums.set(name, (sums.get(name) ?? 0) + row.promptTokens + row.completionTokens);
  }
  return [...sums]
    .map(([name, tokens]) => ({ name, tokens }))
    .filter(({ tokens }) => tokens > 0)
    .toSorted((a, b) => b.tokens - a.tokens)
    .slice(0, shownLines);
}
