import { electricityDivisor, powerOf, type Power } from './electricity.ts';
import { divideRounded, micro } from './exact.ts';
import { bandOf, cases, type Band, type Basis, type Case, type CloudPrice } from './settings.ts';
import { addTokens, noTokens, type SavingsCell, type SavingsUsage, type TokenSums } from './usage.ts';

/** Billionths of the basis' currency. In each: what is saved = cloud − electricity, and best ≥ likely ≥ worst. */
export type Amounts = {
  readonly cloud: Band<bigint>;
  readonly electricity: Band<bigint>;
  readonly saved: Band<bigint>;
};

export type SavingsRow = TokenSums &
  Amounts & {
    readonly group: string | null;
    /** Ids of the price list that its tokens were reckoned by. */
    readonly comparedWith: readonly string[];
  };

export type Estimate = {
  readonly rows: readonly SavingsRow[];
  /** The rows' sum, exactly. Where there is no row, the electricity of waiting for somebody. */
  readonly total: TokenSums & Amounts;
  readonly hours: Band<{ readonly busy: number; readonly idle: number; readonly kwh: number }>;
  /** Done in the office by models that are compared with nothing, or with what the price list does not have. */
  readonly withoutPrice: TokenSums & { readonly models: readonly string[] };
  readonly usedPrices: readonly CloudPrice[];
};

export type EstimateOptions = {
  readonly basis: Basis;
  readonly prices: readonly CloudPrice[];
  /** The id in the price list for a local model; null for none. */
  readonly comparedWith: (model: string | null) => string | null;
  /** By month every slice has a row and bears its own electricity; else a row bears its share of the whole. */
  readonly isByMonth: boolean;
};

/** What the same tokens would have cost in the cloud, less the electricity they took here. */
export function estimateSavings(usage: SavingsUsage, options: EstimateOptions): Estimate {
  const { basis, isByMonth } = options;
  const tallies = new Map<string | null, Tally>();
  if (isByMonth) for (const { label } of usage.slices) tallyOf(tallies, label);
  const priced = priceFinder(options);
  for (const cell of usage.cells) add(tallyOf(tallies, cell.group), cell, priced(cell.model), basis);
  const powers = usage.slices.map((_, slice) => powerOf(usage, slice, basis));
  const rows = [...tallies.values()].map((tally): SavingsRow => {
    const cloud = bandOf((name) => divideRounded(tally.cloud[name], cloudDivisor));
    const slices = powers.filter((_, slice) => !isByMonth || usage.slices[slice]?.label === tally.group);
    const share = isByMonth ? whole : shareOf(tally, tallies);
    const electricity = bandOf((name) => costOf(slices, name, share));
    const comparedWith = [...tally.comparedWith];
    return { group: tally.group, ...tally.tokens, comparedWith, ...amounts(cloud, electricity) };
  });
  return {
    rows: isByMonth ? rows : rows.toSorted((a, b) => Number(b.cloud.likely - a.cloud.likely)),
    total: rows.length === 0 ? waiting(powers) : totalOf(rows),
    hours: hoursOf(powers),
    withoutPrice: withoutPrice(usage.cells, priced),
    usedPrices: options.prices.filter(({ id }) => rows.some((row) => row.comparedWith.includes(id))),
  };
}

/** Prices per million (1e6) and three factors in millionths (1e18), in billionths (1e9): 1e6 × 1e18 / 1e9. */
const cloudDivisor = 10n ** 15n;

type Tally = {
  readonly group: string | null;
  tokens: TokenSums;
  computeTenths: number;
  readonly comparedWith: Set<string>;
  /** Divided by `cloudDivisor`: billionths. */
  readonly cloud: Record<Case, bigint>;
};

function tallyOf(tallies: Map<string | null, Tally>, group: string | null): Tally {
  const known = tallies.get(group);
  if (known !== undefined) return known;
  const cloud = { best: 0n, likely: 0n, worst: 0n };
  const tally: Tally = { group, tokens: noTokens, computeTenths: 0, comparedWith: new Set(), cloud };
  tallies.set(group, tally);
  return tally;
}

function add(tally: Tally, cell: SavingsCell, price: CloudPrice | null, basis: Basis): void {
  tally.tokens = addTokens(tally.tokens, cell);
  tally.computeTenths += cell.computeTenths;
  if (price === null) return;
  if (cell.promptTokens + cell.completionTokens > 0) tally.comparedWith.add(price.id);
  for (const name of cases) tally.cloud[name] += cloudCost(cell, price, { basis, name });
}

/**
 * In the best case the cloud would not have had anything in its cache; in the others just what was reused here, at its
 * price for that.
 */
function cloudCost(
  { promptTokens, cachedTokens, completionTokens }: TokenSums,
  { input, cachedInput, output }: CloudPrice,
  { basis, name }: { readonly basis: Basis; readonly name: Case },
): bigint {
  const reused = name === 'best' ? 0 : Math.min(cachedTokens, promptTokens);
  const tokens =
    BigInt(promptTokens - reused) * micro(input) +
    BigInt(reused) * micro(cachedInput ?? input) +
    BigInt(completionTokens) * micro(output);
  return tokens * micro(basis.tokenRatio.value[name]) * micro(basis.perUsd);
}

function priceFinder({ prices, comparedWith }: EstimateOptions): (model: string | null) => CloudPrice | null {
  const byId = new Map(prices.map((price) => [price.id, price]));
  return (model) => byId.get(comparedWith(model) ?? '') ?? null;
}

type Share = { readonly part: bigint; readonly of: bigint };
const whole: Share = { part: 1n, of: 1n };

/** By the time its requests took; where nothing took time, by their number. */
function shareOf(tally: Tally, tallies: ReadonlyMap<string | null, Tally>): Share {
  const all = [...tallies.values()];
  const sumBy = (weight: (one: Tally) => number): number => all.reduce((sum, one) => sum + weight(one), 0);
  const byTime = (one: Tally): number => one.computeTenths;
  const byCount = (one: Tally): number => one.tokens.requests;
  const weight = [byTime, byCount].find((candidate) => sumBy(candidate) > 0);
  return weight === undefined
    ? { part: 1n, of: BigInt(all.length) }
    : { part: BigInt(weight(tally)), of: BigInt(sumBy(weight)) };
}

function costOf(powers: readonly Band<Power>[], name: Case, { part, of }: Share): bigint {
  const cost = powers.reduce((sum, power) => sum + power[name].cost, 0n);
  return divideRounded(cost * part, electricityDivisor * of);
}

function amounts(cloud: Band<bigint>, electricity: Band<bigint>): Amounts {
  return { cloud, electricity, saved: bandOf((name) => cloud[name] - electricity[name]) };
}

function waiting(powers: readonly Band<Power>[]): TokenSums & Amounts {
  const electricity = bandOf((name) => costOf(powers, name, whole));
  return { ...noTokens, ...amounts({ best: 0n, likely: 0n, worst: 0n }, electricity) };
}

function totalOf(rows: readonly SavingsRow[]): TokenSums & Amounts {
  const sum = (kind: 'cloud' | 'electricity'): Band<bigint> =>
    bandOf((name) => rows.reduce((total, row) => total + row[kind][name], 0n));
  return { ...rows.reduce<TokenSums>(addTokens, noTokens), ...amounts(sum('cloud'), sum('electricity')) };
}

function hoursOf(powers: readonly Band<Power>[]): Estimate['hours'] {
  return bandOf((name) => {
    const sum = (of: (power: Power) => bigint): number =>
      Number(powers.reduce((total, power) => total + of(power[name]), 0n));
    return {
      busy: sum((power) => power.busyTenths) / tenthsPerHour,
      idle: sum((power) => power.idleTenths) / tenthsPerHour,
      kwh: sum((power) => power.energy) / tenthsPerHour / 1e6 / 1000,
    };
  });
}

const tenthsPerHour = 36_000_000;

function withoutPrice(
  cells: readonly SavingsCell[],
  priced: (model: string | null) => CloudPrice | null,
): Estimate['withoutPrice'] {
  const left = cells.filter(
    (cell) => cell.promptTokens + cell.completionTokens > 0 && priced(cell.model) === null,
  );
  const models = new Set(left.flatMap(({ model }) => (model === null ? [] : [model])));
  return { ...left.reduce<TokenSums>(addTokens, noTokens), models: [...models].toSorted() };
}
