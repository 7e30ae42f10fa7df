import { Anchor, Progress } from '@mantine/core';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountSpending, SpendingOverview } from '../../server/wire/limits.ts';
import { budgetUses, type BudgetUse } from '../budget.ts';
import { isUsedUp } from '../people-list.ts';
import { LazyPart } from '../parts/lazy-part.tsx';
import { BudgetState } from '../parts/state-word.tsx';
import { usePrices } from '../queries-limits.ts';
import { useFormat, useNow } from '../use-format.ts';
import styles from './key-limits-meter.module.css';

const PriceDialog = lazy(async () => ({ default: (await import('./price-dialog.tsx')).PriceDialog }));

type SpentProps = {
  /** Undefined while it is not known. */
  readonly accounts: readonly AccountSpending[] | undefined;
  readonly currency: SpendingOverview['currency'];
};

/** The budget that is nearest to its end, for the row of a list; without any, what was used today. */
export function TightestBudget({ accounts, currency }: SpentProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const uses = useUses(accounts);
  const [tightest, ...others] = uses;
  if (tightest !== undefined) {
    return (
      <div className={styles['list']}>
        <BudgetMeter use={tightest} currency={currency} />
        <WayOut use={tightest} />
        {others.length > 0 && (
          <span className={styles['second']}>{t('limits.moreBudgets', { count: others.length })}</span>
        )}
      </div>
    );
  }
  const today = accounts?.find(({ model }) => model === null)?.spent.day.tokens;
  return (
    <span className={styles['second']}>
      {t('limits.noBudget')}
      {today !== undefined && today > 0 && (
        <span className={styles['line']} title={t('limits.tokenCount', { amount: format.integer(today) })}>
          {t('limits.tokensToday', { amount: format.count(today) })}
        </span>
      )}
    </span>
  );
}

/** What the owner can do about a budget that lets nothing through any more. */
function WayOut({ use }: { readonly use: BudgetUse }): ReactNode {
  const { t } = useTranslation();
  const [hasPrices, setHasPrices] = useState(false);
  if (!isUsedUp(use)) return null;
  if (use.standing === 'spent') return <span className={styles['second']}>{t('peopleList.whoLifts')}</span>;
  return (
    <span className={styles['second']}>
      {t('peopleList.needsPrice')}{' '}
      <Anchor
        component="button"
        type="button"
        inherit
        className={styles['wayOut']}
        onClick={() => setHasPrices(true)}
      >
        {t('peopleList.setPrice')}
      </Anchor>
      {hasPrices && (
        <LazyPart waiting={null}>
          <PriceDialog isOpen onClose={() => setHasPrices(false)} />
        </LazyPart>
      )}
    </span>
  );
}

/** A device that may ask no more because its team has used up what it shares. */
export function TeamAtLimit({
  team,
  accounts,
}: {
  readonly team: string;
  readonly accounts: readonly AccountSpending[];
}): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const [use] = useUses(accounts).filter(isUsedUp);
  if (use === undefined) return null;
  return (
    <span className={`${styles['second']} ${styles['team']}`}>
      {use.until === null
        ? t('peopleList.teamAtLimit', { team })
        : t('peopleList.teamAtLimitUntil', { team, time: format.moment(use.until, now) })}{' '}
      {use.standing === 'unpriced' ? <WayOut use={use} /> : t('peopleList.whoLiftsTeam')}
    </span>
  );
}

/** All budgets, each with what is spent of it. Nothing where there is none. */
export function SpentList({ accounts, currency }: SpentProps): ReactNode {
  const { t } = useTranslation();
  const uses = useUses(accounts);
  if (uses.length === 0) return null;
  return (
    <section aria-label={t('limits.spentSoFar')} className={styles['list']}>
      {uses.map((use) => (
        <BudgetMeter
          key={`${use.model} ${use.budget.unit} ${use.budget.period}`}
          use={use}
          currency={currency}
        />
      ))}
    </section>
  );
}

function useUses(accounts: SpentProps['accounts']): BudgetUse[] {
  // Until prices are known, a money budget is not said to refuse everything.
  const hasPrices = usePrices().data?.length !== 0;
  return budgetUses(accounts ?? [], hasPrices);
}

type BudgetMeterProps = { readonly use: BudgetUse; readonly currency: string };

/** Word, bar and numbers, and until when. */
function BudgetMeter({ use, currency }: BudgetMeterProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const { budget, standing, spent, reserved, until, model } = use;
  const isMoney = budget.unit === 'money';
  const short = (value: number): string => (isMoney ? format.money(value, currency) : format.count(value));
  const exact = (value: number): string =>
    isMoney ? format.money(value, currency) : t('limits.tokenCount', { amount: format.integer(value) });
  const sentence = t(isMoney ? 'limits.spentMoney' : 'limits.spentTokens', {
    spent: short(spent),
    amount: short(budget.amount),
    per: t(`limits.per.${budget.period}`),
  });
  const details = [
    t('limits.spentExactly', { spent: exact(spent), amount: exact(budget.amount) }),
    ...(reserved > 0 ? [t('limits.putAside', { amount: exact(reserved) })] : []),
  ];
  return (
    <div className={styles['meter']} data-standing={standing} title={details.join(' ')}>
      {model !== null && <code className={styles['model']}>{model}</code>}
      <BudgetState standing={standing} />
      {/* The sentence below says the same. */}
      <div aria-hidden="true">
        <Progress.Root size={6} radius="xl" className={styles['track'] ?? ''}>
          <Progress.Section value={Math.floor(use.percent)} withAria={false} />
        </Progress.Root>
      </div>
      <span>{sentence}</span>
      <span className={styles['second']}>
        {until === null ? t('limits.neverAnew') : t('limits.until', { time: format.moment(until, now) })}
      </span>
    </div>
  );
}
