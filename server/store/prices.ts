import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import type { PriceRecord } from '../wire/limits.ts';
import { statement, write, type Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

/** What a model without a price of its own is counted by. */
export const everyModel = '*';

export function listPrices(store: Store): PriceRecord[] {
  const rows = statement(store, 'SELECT * FROM prices ORDER BY model').all();
  return rows.map((row) => {
    const { model, input, output, notional } = row as Omit<PriceRecord, 'notional'> & { notional: number };
    return { model, input, output, notional: notional === 1 };
  });
}

/** Counts from the next request that is admitted. */
export function setPrice(store: Store, price: PriceRecord): void {
  write(store, () =>
    statement(
      store,
      `INSERT INTO prices (model, input, output, notional) VALUES (@model, @input, @output, @notional)
       ON CONFLICT (model) DO UPDATE SET input = @input, output = @output, notional = @notional`,
    ).run({ ...price, notional: price.notional ? 1 : 0 }),
  );
  store.policyVersion += 1;
}

/** Throws 404. */
export function removePrice(store: Store, model: string): void {
  const { changes } = write(store, () => statement(store, 'DELETE FROM prices WHERE model = ?').run(model));
  store.policyVersion += 1;
  if (changes > 0) return;
  throw new AppError(`No price is set for “${model.slice(0, 200)}”.`, {
    status: 404,
    code: 'price_not_found',
    param: 'model',
  });
}

const currencySetting = 'money.currency';

/** ISO 4217, as shown beside amounts; nothing is converted. */
export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'three capital letters, such as EUR');

export function currencyOf(store: Store): string {
  return currencyCode.safeParse(getSetting(store, currencySetting)).data ?? 'EUR';
}

export function setCurrency(store: Store, currency: string): void {
  setSetting(store, currencySetting, currency);
  store.policyVersion += 1;
}
