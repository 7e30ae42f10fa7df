import type { PriceRecord } from '../../server/wire/limits.ts';
import type { PriceChanges } from '../api-limits.ts';
import type { Problems } from '../use-values.ts';
import { newRowId, numberOf, type NumberField } from './key-limits-values.ts';

/** What prices are for; `*` is for every model without its own. */
export const everyModel = '*';

export type PriceRow = {
  readonly id: string;
  readonly model: string;
  readonly input: NumberField;
  readonly output: NumberField;
  /** Somebody is really paid; otherwise it is what the same would cost elsewhere. */
  readonly isPaid: boolean;
};

export type PriceValues = {
  readonly currency: string;
  /** The first is for every model without its own; both fields empty: there is none. */
  readonly rows: readonly PriceRow[];
};

export function priceValues(prices: readonly PriceRecord[], currency: string): PriceValues {
  const rows = prices.map(({ model, input, output, notional }) => ({
    id: newRowId(),
    model,
    input,
    output,
    isPaid: !notional,
  }));
  const every = rows.find(({ model }) => model === everyModel) ?? newRow(everyModel);
  return { currency, rows: [every, ...rows.filter(({ model }) => model !== everyModel)] };
}

export function newRow(model: string): PriceRow {
  return { id: newRowId(), model, input: '', output: '', isPaid: false };
}

const most = 1_000_000;

export function priceProblems({ currency, rows }: PriceValues): Problems {
  const problems = rows.flatMap((row, index) => {
    const isSecond = rows.slice(0, index).some(({ model }) => model === row.model);
    const fields = (['input', 'output'] as const).filter((name) => !isForNothing(row) && !isPrice(row[name]));
    return [
      ...(row.model === '' ? [[`rows.${index}.model`, 'modelMissing'] as const] : []),
      ...(row.model !== '' && isSecond ? [[`rows.${index}.model`, 'sameName'] as const] : []),
      ...fields.map((name) => [`rows.${index}.${name}`, 'price'] as const),
    ];
  });
  return {
    ...(/^[A-Za-z]{3}$/.test(currency.trim()) ? {} : { currency: 'currency' }),
    ...Object.fromEntries(problems),
  };
}

/** For values without problems: what is another than before. */
export function priceChanges(
  before: { readonly prices: readonly PriceRecord[]; readonly currency: string },
  { currency, rows }: PriceValues,
): PriceChanges {
  const wanted = currency.trim().toUpperCase();
  const after: PriceRecord[] = rows
    .filter((row) => !isForNothing(row))
    .map(({ model, input, output, isPaid }) => ({
      model,
      input: numberOf(input) ?? 0,
      output: numberOf(output) ?? 0,
      notional: !isPaid,
    }));
  return {
    currency: wanted === before.currency ? null : wanted,
    set: after.filter((price) => !before.prices.some((other) => isSame(price, other))),
    removed: before.prices
      .map(({ model }) => model)
      .filter((model) => !after.some((price) => price.model === model)),
  };
}

export function isNothing({ currency, set, removed }: PriceChanges): boolean {
  return currency === null && set.length === 0 && removed.length === 0;
}

/** Only the row for every model may be left empty; the others are taken away. */
function isForNothing({ model, input, output }: PriceRow): boolean {
  return model === everyModel && input === '' && output === '';
}

function isPrice(value: NumberField): boolean {
  const price = numberOf(value);
  return price !== null && price >= 0 && price <= most;
}

function isSame(a: PriceRecord, b: PriceRecord): boolean {
  return a.model === b.model && a.input === b.input && a.output === b.output && a.notional === b.notional;
}
