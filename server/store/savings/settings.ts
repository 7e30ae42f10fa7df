import { usualSettings, type SavingsSettings } from '../../core/savings/settings.ts';
import { savingsSettings, type SetSavingsRequest } from '../../wire/savings.ts';
import { AppError } from '../../core/errors.ts';
import type { Store } from '../open.ts';
import { currencyOf } from '../prices.ts';
import { getSetting, setSetting } from '../settings.ts';

const settingName = 'savings';

/** What the owner has set; our own words where nothing can be read. */
export function savingsSettingsOf(store: Store): SavingsSettings {
  return savingsSettings.safeParse(getSetting(store, settingName)).data ?? usualSettings;
}

/**
 * What is left out stays. Amounts that were typed for another currency than the office has now are forgotten.
 * @throws AppError 400 for an id the price list does not have, and for amounts that could not be compared with its
 *   dollars.
 */
export function setSavingsSettings(
  store: Store,
  change: SetSavingsRequest,
  cloudIds: readonly string[],
): SavingsSettings {
  refuseUnknown(change, cloudIds);
  const office = currencyOf(store);
  const before = withoutForeign(savingsSettingsOf(store), office);
  const { compareWith, ...rest } = change;
  const merged = {
    ...before,
    ...given(rest),
    compareWith: { ...before.compareWith, ...given(compareWith ?? {}) },
  };
  const { exchangeRate, pricePerKwh, computer } = merged;
  if (office !== 'USD' && exchangeRate === null && (pricePerKwh !== null || computer !== null)) {
    throw refused(
      `The cloud's prices are in US dollars: set exchangeRate too, what one dollar costs in ${office} and as of when.`,
      'exchangeRate',
    );
  }
  const hasAmounts = exchangeRate !== null || pricePerKwh !== null || computer !== null;
  const settings: SavingsSettings = { ...merged, currency: hasAmounts ? office : null };
  setSetting(store, settingName, settings);
  return settings;
}

function withoutForeign(settings: SavingsSettings, office: string): SavingsSettings {
  if (settings.currency === null || settings.currency === office) return settings;
  return { ...settings, exchangeRate: null, pricePerKwh: null, computer: null };
}

type Given<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without what was left out. */
function given<T extends object>(change: T): Given<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Given<T>;
}

function refuseUnknown({ compareWith }: SetSavingsRequest, cloudIds: readonly string[]): void {
  const { default: forAll, embeddings, models = {} } = compareWith ?? {};
  const unknown = [forAll, embeddings, ...Object.values(models)].find(
    (id) => id !== undefined && id !== null && !cloudIds.includes(id),
  );
  if (unknown === undefined) return;
  throw refused(
    `The price list has no model “${String(unknown).slice(0, 100)}”. It has: ${cloudIds.slice(0, 40).join(', ')}.`,
    'compareWith',
  );
}

function refused(message: string, param: string): AppError {
  return new AppError(message, { status: 400, code: 'invalid_request', param });
}
