import { Button, NativeSelect } from '@mantine/core';
import { Plus, Trash2 } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AmountInput } from '../parts/amount-input.tsx';
import { IconButton } from '../parts/icon-button.tsx';
import {
  mostBudgets,
  nextBudget,
  periods,
  units,
  type BudgetValues,
  type LimitsValues,
} from './key-limits-values.ts';
import styles from './key-limits.module.css';

type KeyLimitsBudgetsProps = {
  readonly budgets: LimitsValues['budgets'];
  readonly currency: string;
  /** What is wrong with a field, by its path below the limits. */
  readonly errorAt: (path: string) => ReactNode;
  readonly onChange: (budgets: LimitsValues['budgets']) => void;
};

/** How much may be spent until when: a row reads like a sentence. */
export function KeyLimitsBudgets({ budgets, currency, errorAt, onChange }: KeyLimitsBudgetsProps): ReactNode {
  const { t } = useTranslation();
  const id = useId();
  const put = (changed: BudgetValues): void =>
    onChange(budgets.map((budget) => (budget.id === changed.id ? changed : budget)));
  return (
    <div role="group" aria-labelledby={id} className={styles['group']}>
      <div>
        <div id={id} className={styles['label']}>
          {t('limits.budgets')}
        </div>
        <p className={styles['hint']}>{t('limits.budgetsHint')}</p>
      </div>
      {budgets.map((budget, index) => (
        <BudgetRow
          key={budget.id}
          budget={budget}
          number={index + 1}
          currency={currency}
          errorAt={(name) => errorAt(`budgets.${index}.${name}`)}
          onChange={put}
          onRemove={() => onChange(budgets.filter((other) => other !== budget))}
        />
      ))}
      {errorAt('budgets') !== undefined && (
        <p className={styles['error']} role="alert">
          {errorAt('budgets')}
        </p>
      )}
      {budgets.length < mostBudgets && (
        <Button
          className={styles['add'] ?? ''}
          variant="default"
          size="xs"
          leftSection={<Plus size={16} aria-hidden />}
          onClick={() => onChange([...budgets, nextBudget(budgets)])}
        >
          {t('limits.addBudget')}
        </Button>
      )}
    </div>
  );
}

type BudgetRowProps = {
  readonly budget: BudgetValues;
  readonly number: number;
  readonly currency: string;
  readonly errorAt: (name: 'amount' | 'period') => ReactNode;
  readonly onChange: (budget: BudgetValues) => void;
  readonly onRemove: () => void;
};

function BudgetRow({ budget, number, currency, errorAt, onChange, onRemove }: BudgetRowProps): ReactNode {
  const { t } = useTranslation();
  const error = errorAt('amount') ?? errorAt('period');
  return (
    <div className={styles['budget']}>
      <AmountInput
        aria-label={t('limits.budgetAmount', { number })}
        className={styles['amount'] ?? ''}
        value={budget.amount}
        error={error}
        onChange={(amount) => onChange({ ...budget, amount })}
      />
      <NativeSelect
        aria-label={t('limits.budgetUnit', { number })}
        className={styles['unit'] ?? ''}
        value={budget.unit}
        data={units.map((unit) => ({ value: unit, label: unit === 'money' ? currency : t('limits.tokens') }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...budget, unit: units.find((unit) => unit === value) ?? budget.unit })
        }
      />
      <NativeSelect
        aria-label={t('limits.budgetPeriod', { number })}
        className={styles['period'] ?? ''}
        value={budget.period}
        data={periods.map((period) => ({ value: period, label: t(`limits.per.${period}`) }))}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...budget, period: periods.find((period) => period === value) ?? budget.period })
        }
      />
      <IconButton
        className={styles['bin'] ?? ''}
        label={t('limits.removeBudget', { number })}
        icon={<Trash2 size={16} aria-hidden />}
        onClick={onRemove}
      />
    </div>
  );
}
