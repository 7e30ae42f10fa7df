import { useTranslation } from 'react-i18next';
import type { SavingsAnswer } from '../../server/wire/savings.ts';
import { useCloudPrices, useSavingsSettings } from '../queries-usage.ts';
import { useFormat } from '../use-format.ts';

export type Assumption = SavingsAnswer['assumptions'][number];

const kinds = [
  'cloud-price',
  'compare-with',
  'token-ratio',
  'cached-input',
  'exchange-rate',
  'watts-answering',
  'watts-idle',
  'hours-on',
  'price-per-kwh',
  'busy-hours',
  'energy',
  'left-out-outside',
  'left-out-failed',
  'left-out-kept',
  'left-out-without-price',
] as const;
type AssumptionKind = (typeof kinds)[number];

/** Null for one that this page does not know yet. */
export function assumptionKind(id: string): AssumptionKind | null {
  if (id.startsWith('cloud-price:')) return 'cloud-price';
  return kinds.find((kind) => kind === id.replace(':', '-')) ?? null;
}

/** The value as the office reads it; null where there is none to show. */
export function useAssumptionValue(currency: string): (assumption: Assumption) => string | null {
  const { t } = useTranslation();
  const { price: exact, count } = useFormat();
  const prices = useCloudPrices().data?.prices ?? [];
  const compareWith = useSavingsSettings().data?.compareWith;

  function plain({ value, unit }: Assumption): string | null {
    if (value === null || typeof value === 'string') return value;
    const shown = typeof value === 'number' ? exact(value) : bandText(value);
    return unit === null ? shown : `${shown} ${unit}`;
  }

  function bandText({ best, likely, worst }: { best: number; likely: number; worst: number }): string {
    if (best === worst) return exact(likely);
    return t('savings.assumption.band', { best: exact(best), likely: exact(likely), worst: exact(worst) });
  }

  return (assumption) => {
    const { id, value } = assumption;
    const kind = assumptionKind(id);
    if (kind === null) return plain(assumption);
    if (kind === 'cloud-price') {
      const price = prices.find((one) => id === `cloud-price:${one.id}`);
      if (price === undefined) return plain(assumption);
      const { input, cachedInput, output } = price;
      const numbers = {
        input: exact(input),
        again: exact(cachedInput ?? input),
        output: exact(output),
      };
      return t('savings.assumption.price', numbers);
    }
    if (kind === 'compare-with') {
      if (compareWith === undefined) return plain(assumption);
      const own = Object.entries(compareWith.models).map(
        ([model, cloud]) => `${model}: ${cloud ?? t('savings.assumption.nothing')}`,
      );
      return [compareWith.default, compareWith.embeddings, ...own].join(', ');
    }
    if (value === null || typeof value === 'string') return value;
    const amount =
      typeof value === 'number'
        ? kind.startsWith('left-out')
          ? count(value)
          : exact(value)
        : bandText(value);
    return t(`savings.assumption.unit.${unitOf(kind)}`, { amount, currency });
  };
}

function unitOf(kind: Exclude<AssumptionKind, 'cloud-price' | 'compare-with'>) {
  switch (kind) {
    case 'watts-answering':
    case 'watts-idle':
      return 'watts';
    case 'hours-on':
      return 'hoursADay';
    case 'busy-hours':
      return 'hours';
    case 'energy':
      return 'kwh';
    case 'price-per-kwh':
      return 'perKwh';
    case 'exchange-rate':
      return 'perUsd';
    case 'token-ratio':
    case 'cached-input':
      return 'ratio';
    case 'left-out-outside':
    case 'left-out-failed':
    case 'left-out-kept':
    case 'left-out-without-price':
      return 'tokens';
    default:
      return kind satisfies never;
  }
}
