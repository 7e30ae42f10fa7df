/** What the estimate of savings rests on, as the owner has set it. Amounts are numbers of whole currency units. */

/** One number for each case; the same three times where it is known. */
export type Band<Value = number> = { readonly best: Value; readonly likely: Value; readonly worst: Value };
export const cases = ['best', 'likely', 'worst'] as const;
export type Case = (typeof cases)[number];

export function bandOf<Value>(make: (name: Case) => Value): Band<Value> {
  return { best: make('best'), likely: make('likely'), worst: make('worst') };
}

/** A public price in US dollars per million tokens. */
export type CloudPrice = {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly kind: 'chat' | 'embeddings';
  readonly input: number;
  /** For what of a prompt the cloud had read before; null: not known, then as any other. Never more than `input`. */
  readonly cachedInput: number | null;
  readonly output: number;
  /** The month of which the price is known, `2025-08`. */
  readonly date: string;
  readonly source: string;
};

export const hardwareKinds = ['unknown', 'laptop', 'small', 'desktop', 'workstation', 'server'] as const;
export type HardwareKind = (typeof hardwareKinds)[number];

type Watts = { readonly answering: Band; readonly idle: Band };

export type SavingsSettings = {
  /** Which currency `exchangeRate`, `pricePerKwh` and `computer` were typed for; null while none of them is set. */
  readonly currency: string | null;
  /** Ids of the price list. */
  readonly compareWith: {
    readonly default: string;
    readonly embeddings: string;
    /** By the local model's id; null: with nothing, it saves nothing. */
    readonly models: Readonly<Record<string, string | null>>;
  };
  /** How many tokens a cloud model would have counted for each that was counted here. The best case is the most. */
  readonly tokenRatio: Band | null;
  /** What one US dollar costs in the office's currency. */
  readonly exchangeRate: { readonly perUsd: number; readonly asOf: string } | null;
  readonly pricePerKwh: Band | null;
  readonly hardware: HardwareKind;
  readonly watts: (Watts & { readonly isMeasured: boolean }) | null;
  /** Hours of a day which the computer is on only because of Inglenook. */
  readonly hoursOnPerDay: Band | null;
  readonly computer: Computer | null;
};

export type Computer = {
  readonly price: number;
  /** A day of the calendar, `2026-03-01`. */
  readonly boughtOn: string;
  readonly lifeYears: number;
};

export const usualSettings: SavingsSettings = {
  currency: null,
  // A cheap one on purpose: what an office would otherwise have paid is easily overstated.
  compareWith: { default: 'gpt-4o-mini', embeddings: 'text-embedding-3-small', models: {} },
  tokenRatio: null,
  exchangeRate: null,
  pricePerKwh: null,
  hardware: 'unknown',
  watts: null,
  hoursOnPerDay: null,
  computer: null,
};

/** Rough numbers at the wall, from experience and data sheets, nobody's measurement: hence so far apart. */
const usualWatts: Readonly<Record<HardwareKind, Watts>> = {
  unknown: {
    answering: { best: 40, likely: 150, worst: 450 },
    idle: { best: 8, likely: 40, worst: 90 },
  },
  laptop: { answering: { best: 25, likely: 45, worst: 90 }, idle: { best: 4, likely: 8, worst: 15 } },
  small: { answering: { best: 25, likely: 60, worst: 150 }, idle: { best: 4, likely: 10, worst: 20 } },
  desktop: { answering: { best: 60, likely: 120, worst: 200 }, idle: { best: 25, likely: 45, worst: 70 } },
  workstation: {
    answering: { best: 250, likely: 400, worst: 650 },
    idle: { best: 40, likely: 70, worst: 120 },
  },
  server: {
    answering: { best: 500, likely: 900, worst: 1600 },
    idle: { best: 90, likely: 150, worst: 300 },
  },
};

const usualTokenRatio: Band = { best: 1.25, likely: 1, worst: 0.8 };
/** In US dollars: what offices in most countries pay lies in between. */
const usualUsdPerKwh: Band = { best: 0.12, likely: 0.25, worst: 0.45 };
/** The best case: the computer would be on anyway. The worst: day and night for nothing else. */
const usualHoursOn: Band = { best: 0, likely: 8, worst: 24 };

/** Where a number comes from. */
export type Source = 'usual' | 'owner' | 'measured';
type Known<Value> = { readonly value: Value; readonly source: Source };

/** What is reckoned with: the owner's numbers, and ours where there are none. */
export type Basis = {
  /** What all amounts are in. */
  readonly currency: string;
  /** Of that currency for one US dollar. */
  readonly perUsd: number;
  readonly rateAsOf: string | null;
  readonly compareWith: SavingsSettings['compareWith'];
  readonly tokenRatio: Known<Band>;
  readonly pricePerKwh: Known<Band>;
  readonly hardware: HardwareKind;
  readonly watts: Known<Watts>;
  readonly hoursOnPerDay: Known<Band>;
  readonly computer: Computer | null;
  /** Amounts were typed for another currency than the office has now, so they do not count. */
  readonly isOtherCurrency: boolean;
};

/**
 * Without a rate for the office's currency everything is in US dollars, with our numbers: an amount in a currency that
 * cannot be converted is worth nothing beside one that is not converted.
 */
export function basisOf(settings: SavingsSettings, officeCurrency: string): Basis {
  const isOtherCurrency = settings.currency !== null && settings.currency !== officeCurrency;
  const isUsd = officeCurrency === 'USD';
  const rate = isOtherCurrency || isUsd ? null : settings.exchangeRate;
  const perUsd = rate?.perUsd ?? 1;
  const own = isOtherCurrency || (!isUsd && rate === null) ? null : settings;
  return {
    currency: isUsd || rate !== null ? officeCurrency : 'USD',
    perUsd,
    rateAsOf: rate?.asOf ?? null,
    compareWith: settings.compareWith,
    tokenRatio: known(settings.tokenRatio, usualTokenRatio),
    pricePerKwh: known(
      own?.pricePerKwh ?? null,
      bandOf((name) => usualUsdPerKwh[name] * perUsd),
    ),
    hardware: settings.hardware,
    watts:
      settings.watts === null
        ? { value: usualWatts[settings.hardware], source: 'usual' }
        : { value: settings.watts, source: settings.watts.isMeasured ? 'measured' : 'owner' },
    hoursOnPerDay: known(settings.hoursOnPerDay, usualHoursOn),
    computer: own?.computer ?? null,
    isOtherCurrency,
  };
}

function known(own: Band | null, usual: Band): Known<Band> {
  return own === null ? { value: usual, source: 'usual' } : { value: own, source: 'owner' };
}

/** With which model of the price list a local model is compared; null: with none. */
export function comparedWith(
  { compareWith }: Pick<Basis, 'compareWith'>,
  model: string | null,
  isForEmbeddings: (model: string) => boolean,
): string | null {
  if (model === null) return null;
  if (Object.hasOwn(compareWith.models, model)) return compareWith.models[model] ?? null;
  return isForEmbeddings(model) ? compareWith.embeddings : compareWith.default;
}
