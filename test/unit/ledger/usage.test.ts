import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bucketOf,
  percentile,
  percentileError,
  unpackInto,
  withOneMore,
} from '../../../server/core/histogram.ts';
import { slicesOf } from '../../../server/core/local-time.ts';
import type { LogRow } from '../../../server/core/log-row.ts';
import { newRequestId } from '../../../server/core/request-id.ts';
import { rebuildRollups } from '../../../server/store/ledger/rebuild.ts';
import { spansOf } from '../../../server/store/ledger/rollups.ts';
import { levelMs } from '../../../server/store/ledger/levels.ts';
import { readUsage, type UsageQuestion } from '../../../server/store/ledger/usage.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { insertRequest, listRequests } from '../../../server/store/requests.ts';
import { logRow } from '../admin/admin-server.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const all: UsageQuestion = { filters: {}, dimensions: [], step: null, zone: 'UTC', fromMs: null, toMs: null };
const usage = (changes: Partial<UsageQuestion> = {}) => readUsage(store, { ...all, ...changes }).rows;
const put = (time: string, changes: Partial<LogRow> = {}): void => {
  const timeMs = Date.parse(time);
  insertRequest(
    store,
    logRow({ id: newRequestId(timeMs), time: new Date(timeMs).toISOString(), ...changes }),
  );
};

describe('days are cut right', () => {
  /** One request in each quarter-hour, and how many of them each local day must have: its hours times four. */
  it.each([
    ['Europe/Berlin', '2026-03-27T12:00:00Z', { '2026-03-28': 24, '2026-03-29': 23, '2026-03-30': 24 }],
    ['Europe/Berlin', '2026-10-23T12:00:00Z', { '2026-10-24': 24, '2026-10-25': 25, '2026-10-26': 24 }],
    ['America/New_York', '2026-03-06T12:00:00Z', { '2026-03-07': 24, '2026-03-08': 23, '2026-03-09': 24 }],
    [
      'Australia/Lord_Howe',
      '2026-04-03T00:00:00Z',
      { '2026-04-04': 24, '2026-04-05': 24.5, '2026-04-06': 24 },
    ],
    ['Asia/Kolkata', '2026-03-27T12:00:00Z', { '2026-03-28': 24, '2026-03-29': 24, '2026-03-30': 24 }],
    ['Asia/Kathmandu', '2026-03-27T12:00:00Z', { '2026-03-28': 24, '2026-03-29': 24 }],
  ])('in %s from %s on', (zone, from, hours) => {
    const fromMs = Date.parse(from);
    for (let quarter = 0; quarter < 4 * 24 * 4.5; quarter += 1) {
      put(new Date(fromMs + quarter * 900_000 + 123).toISOString());
    }
    const days = new Map(usage({ step: 'day', zone }).map((row) => [row.day, row.requests]));
    for (const [day, count] of Object.entries(hours)) expect([day, days.get(day)]).toEqual([day, count * 4]);
    // Independent of our own cutting: each row by what a calendar of the zone shows for it.
    const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
    const shown = new Map<string, number>();
    for (const { time } of listRequests(store, { limit: 1000 })) {
      const day = calendar.format(new Date(time));
      shown.set(day, (shown.get(day) ?? 0) + 1);
    }
    expect(Object.fromEntries([...days].filter(([, count]) => count > 0))).toEqual(Object.fromEntries(shown));
  });

  it('weeks begin on Monday, months on the first, hours where the zone’s clocks strike', () => {
    put('2026-11-30T18:29:00Z');
    put('2026-11-30T18:31:00Z');
    const labels = (step: 'hour' | 'week' | 'month') =>
      usage({ step, zone: 'Asia/Kolkata' })
        .filter(({ requests }) => requests > 0)
        .map((row) => row[step]);
    expect(labels('month')).toEqual(['2026-11', '2026-12']);
    expect(labels('week')).toEqual(['2026-11-30']);
    expect(labels('hour')).toEqual(['2026-11-30 23:00', '2026-12-01 00:00']);
  });
});

describe('a time is covered by its sums', () => {
  it('exactly once, with no more than the levels allow', () => {
    const quarter = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(quarter, quarter, (a, b) => {
        const [from, to] = [Math.min(a, b) * 900_000, Math.max(a, b) * 900_000];
        const covered = spansOf(from, to)
          .map(({ level, first, end }) => ({
            from: first * (levelMs[level] ?? 0),
            to: end * (levelMs[level] ?? 0),
          }))
          .toSorted((x, y) => x.from - y.from);
        let at = from;
        for (const span of covered) {
          expect(span.from).toBe(at);
          expect(span.to).toBeGreaterThan(span.from);
          at = span.to;
        }
        expect(at).toBe(to);
        expect(covered.length).toBeLessThanOrEqual(5);
      }),
    );
  });

  it('slices of time follow one another without a gap, in every zone', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/St_Johns',
    );
    const moment = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-12-31') });
    const steps = fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const);
    fc.assert(
      fc.property(zones, moment, steps, (zone, fromMs, step) => {
        const toMs = fromMs + 40 * 86_400_000;
        const slices = slicesOf(step, { fromMs, toMs }, zone);
        expect([slices[0]?.startMs, slices.at(-1)?.endMs]).toEqual([fromMs, toMs]);
        for (const [index, slice] of slices.entries()) {
          expect(slice.endMs).toBeGreaterThan(slice.startMs);
          if (index > 0) expect(slice.startMs).toBe(slices[index - 1]?.endMs);
          // A boundary that were no quarter-hour could not be told from sums.
          if (index > 0) expect(slice.startMs % 900_000).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('sums', () => {
  const start = Date.parse('2026-10-24T21:07:00Z');
  const request = fc.record({
    offset: fc.integer({ min: 0, max: 3 * 86_400_000 }),
    person: fc.constantFrom(null, 'Anna', 'Jonas', '=cmd()'),
    model: fc.constantFrom('a', 'b'),
    status: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const, 'refused' as const),
    tokens: fc.integer({ min: 0, max: 50_000 }),
    firstTokenMs: fc.option(fc.integer({ min: 0, max: 10_000_000 })),
    cost: fc.option(fc.integer({ min: 0, max: 1e12 })),
  });
  type Made = typeof request extends fc.Arbitrary<infer One> ? One : never;
  const insert = (made: Made): void =>
    put(new Date(start + made.offset).toISOString(), {
      key: made.person,
      keyId: made.person === null ? null : `key_${made.person}`,
      person: made.person,
      servedModel: made.model,
      tried: [made.model],
      status: made.status,
      promptTokens: made.tokens,
      completionTokens: made.tokens % 7,
      firstTokenMs: made.firstTokenMs,
      totalMs: (made.firstTokenMs ?? 0) + 5,
      costNanos: made.cost,
    });
  const sumOf = (rows: readonly LogRow[]) => ({
    requests: rows.length,
    errors: rows.filter(({ status }) => status === 'error').length,
    cancelled: rows.filter(({ status }) => status === 'cancelled').length,
    refused: rows.filter(({ status }) => status === 'refused').length,
    promptTokens: rows.reduce((sum, row) => sum + row.promptTokens, 0),
    completionTokens: rows.reduce((sum, row) => sum + row.completionTokens, 0),
    cost: rows.reduce((sum, row) => sum + (row.costNanos ?? 0), 0) / 1e9,
  });
  type Sums = ReturnType<typeof sumOf>;
  const added = (rows: readonly Sums[]): Sums =>
    rows.reduce(
      (sum, row) => ({
        requests: sum.requests + row.requests,
        errors: sum.errors + row.errors,
        cancelled: sum.cancelled + row.cancelled,
        refused: sum.refused + row.refused,
        promptTokens: sum.promptTokens + row.promptTokens,
        completionTokens: sum.completionTokens + row.completionTokens,
        cost: sum.cost + row.cost,
      }),
      sumOf([]),
    );

  it('are those of the rows, however they are split and wherever they are cut', () => {
    const moment = fc.integer({ min: -1000, max: 3 * 86_400_000 + 1000 });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), moment, moment, (requests, a, b) => {
        store.db.exec('DELETE FROM requests; DELETE FROM rollups');
        requests.forEach(insert);
        const [fromMs, toMs] = [start + Math.min(a, b), start + Math.max(a, b)];
        const rows = listRequests(store, { limit: 1000 }).filter(
          ({ time }) => Date.parse(time) >= fromMs && Date.parse(time) < toMs,
        );
        const wanted = sumOf(rows);
        const splits: Partial<UsageQuestion>[] = [
          {},
          { step: 'day', zone: 'Europe/Berlin' },
          { step: 'hour', zone: 'Asia/Kolkata' },
          { dimensions: ['person', 'model'] },
          { dimensions: ['model'], step: 'day', zone: 'Asia/Kathmandu' },
          { dimensions: ['key', 'status'] },
        ];
        for (const split of splits) {
          const sums = added(usage({ ...split, fromMs, toMs }));
          expect({ ...sums, cost: sums.cost.toFixed(6) }).toEqual({
            ...wanted,
            cost: wanted.cost.toFixed(6),
          });
        }
        const annas = added(usage({ filters: { person: 'Anna' }, fromMs, toMs }));
        expect(annas.requests).toBe(rows.filter(({ person }) => person === 'Anna').length);
      }),
      { numRuns: 40 },
    );
  });

  it('made anew from the rows are the same as those written with them', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 60 }), (requests) => {
        store.db.exec('DELETE FROM requests; DELETE FROM rollups');
        requests.forEach(insert);
        const kept = (): unknown => store.db.prepare('SELECT * FROM rollups').all();
        const written = kept();
        rebuildRollups(store.db);
        expect(kept()).toEqual(written);
      }),
      { numRuns: 25 },
    );
  });

  it('tell percentiles within the error they state', () => {
    const durations = fc.array(fc.integer({ min: 10, max: 36_000_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, fc.constantFrom(0.5, 0.95), (tenths, share) => {
        let packed: Uint8Array | null = null;
        for (const one of tenths) packed = withOneMore(packed, bucketOf(one / 10));
        const histogram = new Map<number, number>();
        unpackInto(histogram, packed);
        const sorted = tenths.toSorted((a, b) => a - b);
        const exact = (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 10;
        const told = percentile(histogram, share) ?? 0;
        // Told to a tenth of a millisecond.
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * percentileError * 1.0001 + 0.051);
      }),
    );
  });
});
