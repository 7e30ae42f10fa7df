import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateSavings, type EstimateOptions } from '../../../server/core/savings/estimate.ts';
import { paidOffBy, type MonthSaved } from '../../../server/core/savings/paid-off.ts';
import {
  bandOf,
  basisOf,
  cases,
  comparedWith,
  usualSettings,
  type Band,
  type CloudPrice,
  type SavingsSettings,
} from '../../../server/core/savings/settings.ts';
import { noTokens, type SavingsCell, type SavingsUsage } from '../../../server/core/savings/usage.ts';
import { slicesOf } from '../../../server/core/local-time.ts';
import { cloudPriceList } from '../../../server/wire/savings.ts';

const hourTenths = 36_000_000;
const price: CloudPrice = {
  id: 'cloud',
  name: 'Cloud',
  provider: 'Somebody',
  kind: 'chat',
  input: 2,
  cachedInput: 0.5,
  output: 8,
  date: '2026-11',
  source: 'made up',
};
const exactly = (value: number): Band => ({ best: value, likely: value, worst: value });
/** Nothing is uncertain: 100 W at work, never on for nothing, 0.25 dollars a kilowatt-hour. */
const certain: SavingsSettings = {
  ...usualSettings,
  compareWith: { default: 'cloud', embeddings: 'cloud', models: {} },
  tokenRatio: exactly(1),
  pricePerKwh: exactly(0.25),
  watts: { answering: exactly(100), idle: exactly(10), isMeasured: true },
  hoursOnPerDay: exactly(0),
};

function options(
  settings: SavingsSettings,
  changes: Partial<EstimateOptions> & { readonly office?: string } = {},
): EstimateOptions {
  const basis = basisOf(settings, changes.office ?? 'USD');
  return {
    basis,
    prices: [price],
    comparedWith: (model) => comparedWith(basis, model, () => false),
    isByMonth: false,
    ...changes,
  };
}

const cell = (changes: Partial<SavingsCell> = {}): SavingsCell => ({
  ...noTokens,
  group: 'anna',
  model: 'local',
  computeTenths: 0,
  ...changes,
});

const leftOut = { outside: noTokens, failed: noTokens, kept: noTokens };

function usage<Changes extends Partial<SavingsUsage>>(
  changes: Changes,
): Omit<SavingsUsage, keyof Changes> & Changes {
  const times = { fromMs: Date.parse('2026-11-01'), toMs: Date.parse('2026-12-01') };
  const slices = slicesOf('month', times, 'UTC');
  const busy = slices.map(() => ({ leastTenths: 0, mostTenths: 0 }));
  return { ...times, slices, cells: [], busy, ...leftOut, ...changes };
}

describe('one estimate, reckoned by hand', () => {
  it('is the tokens at the cloud’s prices less the electricity', () => {
    const { total, rows, hours } = estimateSavings(
      usage({
        cells: [
          cell({
            requests: 2,
            promptTokens: 3_000_000,
            cachedTokens: 1_000_000,
            completionTokens: 500_000,
            computeTenths: 40 * hourTenths,
          }),
        ],
        busy: [{ leastTenths: 20 * hourTenths, mostTenths: 40 * hourTenths }],
      }),
      options(certain),
    );
    // Best: 3 × 2 + 0.5 × 8 = 10; else 2 × 2 + 1 × 0.5 + 4 = 8.5. Electricity: 20, 30, 40 h × 0.1 kW × 0.25.
    expect(total.cloud).toEqual({ best: 10_000_000_000n, likely: 8_500_000_000n, worst: 8_500_000_000n });
    expect(total.electricity).toEqual({ best: 500_000_000n, likely: 750_000_000n, worst: 1_000_000_000n });
    expect(total.saved).toEqual({ best: 9_500_000_000n, likely: 7_750_000_000n, worst: 7_500_000_000n });
    expect(rows[0]?.comparedWith).toEqual(['cloud']);
    expect(hours.likely).toEqual({ busy: 30, idle: 0, kwh: 3 });
  });

  it('takes only the rest of the hours it is on for idle', () => {
    const { hours, total } = estimateSavings(
      usage({ busy: [{ leastTenths: 60 * hourTenths, mostTenths: 60 * hourTenths }] }),
      options({ ...certain, hoursOnPerDay: exactly(8) }),
    );
    // November: 30 days × 8 h = 240 h on, 60 of them at work: 6 kWh + 1.8 kWh.
    expect(hours.likely).toEqual({ busy: 60, idle: 180, kwh: 7.8 });
    expect(total.electricity.likely).toBe(1_950_000_000n);
    expect(total.saved.likely).toBe(-1_950_000_000n);
  });

  it('converts dollars at the owner’s rate, and stays in dollars without one', () => {
    const one = usage({ cells: [cell({ requests: 1, completionTokens: 1_000_000 })] });
    const settings: SavingsSettings = {
      ...certain,
      currency: 'EUR',
      exchangeRate: { perUsd: 0.9, asOf: '2026-11-20' },
    };
    const euros = estimateSavings(one, options(settings, { office: 'EUR' }));
    expect([basisOf(settings, 'EUR').currency, euros.total.cloud.likely]).toEqual(['EUR', 7_200_000_000n]);
    const { currency, isOtherCurrency, pricePerKwh, computer } = basisOf(settings, 'CHF');
    expect({ currency, isOtherCurrency, source: pricePerKwh.source, computer }).toEqual({
      currency: 'USD',
      isOtherCurrency: true,
      source: 'usual',
      computer: null,
    });
  });

  it('counts a model that is compared with nothing, or with what the list does not have, for nothing', () => {
    const cells = [
      cell({ model: 'starter', promptTokens: 10, requests: 1 }),
      cell({ model: 'lost', promptTokens: 20, requests: 1 }),
      cell({ model: 'local', promptTokens: 1_000_000, requests: 1 }),
    ];
    const compareWith = { ...certain.compareWith, models: { starter: null, lost: 'gone-from-the-list' } };
    const { total, withoutPrice } = estimateSavings(usage({ cells }), options({ ...certain, compareWith }));
    expect(total.cloud.likely).toBe(2_000_000_000n);
    expect(withoutPrice).toMatchObject({ promptTokens: 30, requests: 2, models: ['lost', 'starter'] });
  });
});

describe('whatever is used, set and priced', () => {
  const tokens = fc.integer({ min: 0, max: 4_000_000_000 });
  const anyCell = fc.record({
    slice: fc.integer({ min: 0, max: 2 }),
    group: fc.constantFrom('anna', 'ben', null),
    model: fc.constantFrom('local', 'other', null),
    requests: fc.integer({ min: 0, max: 1000 }),
    promptTokens: tokens,
    cachedTokens: tokens,
    completionTokens: tokens,
    computeTenths: fc.integer({ min: 0, max: 1000 * hourTenths }),
  });
  const anyUsage = fc
    .record({
      cells: fc.array(anyCell, { maxLength: 12 }),
      busy: fc.array(fc.integer({ min: 0, max: 700 * hourTenths }), { minLength: 6, maxLength: 6 }),
      zone: fc.constantFrom('UTC', 'Asia/Kolkata', 'Australia/Lord_Howe'),
    })
    .map(({ cells, busy, zone }) => {
      const times = { fromMs: Date.parse('2026-09-03T01:15:00Z'), toMs: Date.parse('2026-11-20') };
      return usage({
        ...times,
        slices: slicesOf('month', times, zone),
        cells,
        busy: [0, 2, 4].map((at) => ({
          leastTenths: Math.min(busy[at] ?? 0, busy[at + 1] ?? 0),
          mostTenths: Math.max(busy[at] ?? 0, busy[at + 1] ?? 0),
        })),
      });
    });
  const rising = (least: number, most: number): fc.Arbitrary<Band> =>
    fc
      .array(fc.double({ min: least, max: most, noNaN: true }), { minLength: 3, maxLength: 3 })
      .map((numbers) => numbers.toSorted((a, b) => a - b))
      .map(([best = 0, likely = 0, worst = 0]) => ({ best, likely, worst }));
  const anySettings = fc
    .record({
      ratio: rising(0.1, 10),
      kwh: rising(0, 5),
      idle: rising(0, 300),
      more: rising(0, 2000),
      hours: rising(0, 24),
    })
    .map(({ ratio, kwh, idle, more, hours }): SavingsSettings => ({
      ...certain,
      tokenRatio: { best: ratio.worst, likely: ratio.likely, worst: ratio.best },
      pricePerKwh: kwh,
      watts: { idle, answering: bandOf((name) => idle[name] + more[name]), isMeasured: true },
      hoursOnPerDay: hours,
    }));
  const inBest = ({ best, likely, worst }: Band<bigint>): boolean => best >= likely && likely >= worst;

  it('the rows’ sum is the total, to the billionth, and best ≥ likely ≥ worst in each', () => {
    fc.assert(
      fc.property(anyUsage, anySettings, fc.boolean(), (used, settings, isByMonth) => {
        const labelled: SavingsUsage = isByMonth
          ? {
              ...used,
              cells: used.cells.map((one) => ({ ...one, group: used.slices[one.slice]?.label ?? null })),
            }
          : used;
        const { rows, total } = estimateSavings(labelled, options(settings, { isByMonth }));
        for (const row of [...rows, total]) {
          expect([row.saved, row.cloud].every(inBest)).toBe(true);
          for (const name of cases) {
            expect(row.saved[name]).toBe(row.cloud[name] - row.electricity[name]);
          }
        }
        if (rows.length === 0) return;
        for (const kind of ['cloud', 'electricity', 'saved'] as const) {
          for (const name of cases) {
            expect(rows.reduce((sum, row) => sum + row[kind][name], 0n)).toBe(total[kind][name]);
          }
        }
      }),
    );
  });

  it('the total is the same by month and by anything else, but for the rounding of each row', () => {
    fc.assert(
      fc.property(anyUsage, anySettings, (used, settings) => {
        fc.pre(used.cells.length > 0);
        const byWho = estimateSavings(used, options(settings));
        const cells = used.cells.map((one) => ({ ...one, group: used.slices[one.slice]?.label ?? null }));
        const byMonth = estimateSavings({ ...used, cells }, options(settings, { isByMonth: true }));
        const rounding = BigInt(byWho.rows.length + byMonth.rows.length);
        for (const name of cases) {
          const apart = byWho.total.saved[name] - byMonth.total.saved[name];
          expect(apart <= rounding && apart >= -rounding).toBe(true);
        }
      }),
    );
  });

  it('a dearer cloud never saves less, dearer electricity never more', () => {
    const more = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(anyUsage, anySettings, more, more, (used, settings, dollars, perKwh) => {
        const cheap = estimateSavings(used, options(settings)).total;
        const dear = { ...price, input: price.input + dollars, output: price.output + dollars };
        const cloud = estimateSavings(used, options(settings, { prices: [dear] })).total;
        const kwh = settings.pricePerKwh ?? exactly(0);
        const power = { ...settings, pricePerKwh: bandOf((name) => kwh[name] + perKwh) };
        const electric = estimateSavings(used, options(power)).total;
        for (const name of cases) {
          expect(cloud.saved[name] >= cheap.saved[name]).toBe(true);
          expect(electric.saved[name] <= cheap.saved[name]).toBe(true);
        }
      }),
    );
  });
});

describe('the month in which the computer has paid for itself', () => {
  const computer = { price: 1000, boughtOn: '2026-06-10', lifeYears: 4 };
  const nowMs = Date.parse('2026-11-23T12:00:00Z');
  const units = 1_000_000_000n;
  const months = (saved: readonly number[], zone = 'UTC'): MonthSaved[] => {
    const first = Date.UTC(2026, 11 - saved.length, 1);
    const slices = slicesOf('month', { fromMs: first, toMs: nowMs }, zone).slice(-saved.length);
    return slices.map((slice, index) => ({
      slice,
      saved: bandOf(() => BigInt(saved[index] ?? 0) * units),
    }));
  };
  const told = (saved: readonly number[], changes: Partial<typeof computer> = {}) =>
    paidOffBy(months(saved), { ...computer, ...changes }, { nowMs, zone: 'UTC' }).likely;

  it('is the first in which what was saved reaches the price, even if it falls below again', () => {
    expect(told([100, 400, 500, -200])).toEqual({
      state: 'paid',
      month: '2026-10',
      savedNanos: 800n * units,
    });
  });
  it('does not count months before it was bought', () => {
    expect(told([900, 900, 100], { boughtOn: '2026-11-02' })).toMatchObject({
      state: 'expected',
      savedNanos: 100n * units,
    });
  });
  it('goes on as the last months went', () => {
    // 300 in the 83.5 days since 1 September; 500 more are needed: 139 days from now.
    expect(told([200, 100, 100, 100])).toMatchObject({ state: 'expected', month: '2027-04' });
  });
  it('is none where nothing is saved, or too little for its life', () => {
    expect(told([0, 0, 0]).state).toBe('not-at-this-pace');
    expect(told([-5, 2, 1]).state).toBe('not-at-this-pace');
    expect(told([5, 5, 5]).state).toBe('not-at-this-pace');
    expect(told([]).state).toBe('too-early');
  });
  it('is told for each case', () => {
    const [slice] = months([1]);
    const saved = { best: 1200n * units, likely: 500n * units, worst: -5n * units };
    const answer = paidOffBy(slice === undefined ? [] : [{ ...slice, saved }], computer, {
      nowMs,
      zone: 'UTC',
    });
    expect(bandOf((name) => answer[name].state)).toEqual({
      best: 'paid',
      likely: 'expected',
      worst: 'not-at-this-pace',
    });
  });
});

describe('the list that comes with the program', () => {
  const text = readFileSync('resources/cloud-prices.json', 'utf8');
  const list = cloudPriceList.parse(JSON.parse(text));
  it('has what local models are compared with by default, of the right kind', () => {
    const kindOf = (id: string) => list.prices.find((one) => one.id === id)?.kind;
    const { default: forAll, embeddings } = usualSettings.compareWith;
    expect([kindOf(forAll), kindOf(embeddings)]).toEqual(['chat', 'embeddings']);
  });
  it('is dated in the past, entry by entry, and says where it was looked up', () => {
    for (const { id, date, source } of list.prices) {
      expect([id, date <= '2026-11', source.length > 10]).toEqual([id, true, true]);
    }
  });
});
