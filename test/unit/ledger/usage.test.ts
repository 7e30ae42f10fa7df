import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bucketOf,
  packHistogram,
  percentileError,
  percentilesOf,
  sumOfHistograms,
} from '../../../server/core/histogram.ts';
import { slicesOf } from '../../../server/core/local-time.ts';
import type { LogRow } from '../../../server/core/log-row.ts';
import { newRequestId } from '../../../server/core/request-id.ts';
import { rebuildRollups } from '../../../server/store/ledger/rebuild.ts';
import { cubes, levelMs, monthLevel, monthStartMs } from '../../../server/store/ledger/levels.ts';
import { purgeSums } from '../../../server/store/ledger/purge.ts';
import { innerSpans, signedSpans, type Span } from '../../../server/store/ledger/spans.ts';
import { readUsage, type UsageQuestion } from '../../../server/store/ledger/usage.ts';
import { failureOf } from '../../../server/wire/failures.ts';
import type { UsageRow } from '../../../server/wire/usage.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { insertRequest, insertRequests, listRequests } from '../../../server/store/requests.ts';
import { logRow } from '../admin/admin-server.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => closeStore(store));

const all: UsageQuestion = { filters: {}, dimensions: [], step: null, zone: 'UTC', fromMs: null, toMs: null };
const usage = (changes: Partial<UsageQuestion> = {}) => readUsage(store, { ...all, ...changes }).rows;
const rowAt = (time: string, changes: Partial<LogRow> = {}): LogRow => {
  const timeMs = Date.parse(time);
  return logRow({ id: newRequestId(timeMs), time: new Date(timeMs).toISOString(), ...changes });
};
const put = (time: string, changes: Partial<LogRow> = {}): void => insertRequest(store, rowAt(time, changes));

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
  const quarters = 4 * 24 * 800;
  const quarter = fc.integer({ min: 0, max: quarters });
  const cube = fc.constantFrom(...(['group', 'status', 'model'] as const));
  /** Where the first whole month may begin: before all, in between, or never. */
  const since = fc.constantFrom(null, 0, Date.UTC(1970, 9, 17));
  const timeOf = ({ level, first, end }: Span): { readonly from: number; readonly to: number } => {
    const at = (start: number): number =>
      level === monthLevel ? monthStartMs(start) : start * (levelMs[level % levelMs.length] ?? 0);
    return { from: at(first), to: at(end) };
  };

  it('exactly once, taken off as often as too much, with no more spans than stated', () => {
    fc.assert(
      fc.property(quarter, quarter, cube, since, (a, b, of, wholeMonthsMs) => {
        const [fromMs, toMs] = [Math.min(a, b) * 900_000, Math.max(a, b) * 900_000];
        const spans = signedSpans(of, { fromMs, toMs }, { wholeMonthsMs });
        const changes = spans.flatMap((span): { readonly at: number; readonly by: number }[] => {
          const { from, to } = timeOf(span);
          expect(to).toBeGreaterThan(from);
          expect(Math.floor(span.level / levelMs.length)).toBe(span.level === monthLevel ? 3 : cubes[of]);
          if (span.level === monthLevel)
            expect([of, from >= (wholeMonthsMs ?? Infinity)]).toEqual(['group', true]);
          return [
            { at: from, by: span.sign },
            { at: to, by: -span.sign },
          ];
        });
        // How often each moment counts: 1 within the time, 0 outside, wherever one looks.
        const places = [...new Set(changes.map(({ at }) => at))].toSorted((x, y) => x - y);
        for (const place of places) {
          const times = changes.reduce((sum, { at, by }) => (at <= place ? sum + by : sum), 0);
          expect(times).toBe(place >= fromMs && place < toMs ? 1 : 0);
        }
        if (fromMs < toMs) expect([places.includes(fromMs), places.includes(toMs)]).toEqual([true, true]);
        expect(spans.length).toBeLessThanOrEqual(wholeMonthsMs === null || of !== 'group' ? 5 : 7);
      }),
    );
  });

  it('exactly once by sums that lie within it', () => {
    fc.assert(
      fc.property(quarter, quarter, cube, since, (a, b, which, wholeMonthsMs) => {
        const [fromMs, toMs] = [Math.min(a, b) * 900_000, Math.max(a, b) * 900_000];
        let at = fromMs;
        for (const { from, to } of innerSpans(which, { fromMs, toMs }, { wholeMonthsMs })
          .map(timeOf)
          .toSorted((x, y) => x.from - y.from)) {
          expect([from, to > from]).toEqual([at, true]);
          at = to;
        }
        expect(at).toBe(toMs);
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
  const dayMs = 86_400_000;
  /** Within a few days, or some months: sums of days and months come in with the latter. */
  const offset = fc.oneof(
    fc.integer({ min: 0, max: 3 * dayMs }),
    fc.integer({ min: -60 * dayMs, max: 60 * dayMs }),
  );
  const request = fc.record({
    offset,
    atOnce: fc.integer({ min: 0, max: 4 }),
    cache: fc.constantFrom(null, 'hit' as const, 'miss' as const),
    person: fc.constantFrom(null, 'Anna', 'Jonas', '=cmd()'),
    model: fc.constantFrom('a', 'b'),
    status: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const, 'refused' as const),
    tokens: fc.integer({ min: 0, max: 50_000 }),
    firstTokenMs: fc.option(fc.integer({ min: 0, max: 10_000_000 })),
    writingMs: fc.integer({ min: 0, max: 4_000 }),
    error: fc.constantFrom(null, 'engine_failed: It stopped.', 'rate_limit_exceeded: Too many.', 'odd: New.'),
    cost: fc.option(fc.integer({ min: 0, max: 1e12 })),
  });
  type Made = typeof request extends fc.Arbitrary<infer One> ? One : never;
  const rowOf = (made: Made): LogRow =>
    rowAt(new Date(start + made.offset).toISOString(), {
      key: made.person,
      keyId: made.person === null ? null : `key_${made.person}`,
      person: made.person,
      servedModel: made.model,
      tried: [made.model],
      status: made.status,
      promptTokens: made.tokens,
      completionTokens: made.tokens % 7,
      firstTokenMs: made.firstTokenMs,
      totalMs: (made.firstTokenMs ?? 0) + made.writingMs,
      httpStatus: made.status === 'ok' ? 200 : 500,
      error: made.status === 'ok' ? null : made.error,
      costNanos: made.cost,
      atOnce: made.atOnce,
      cache: made.cache,
    });
  const sumOf = (rows: readonly LogRow[]) => ({
    requests: rows.length,
    errors: rows.filter(({ status }) => status === 'error').length,
    cancelled: rows.filter(({ status }) => status === 'cancelled').length,
    refused: rows.filter(({ status }) => status === 'refused').length,
    promptTokens: rows.reduce((sum, row) => sum + row.promptTokens, 0),
    completionTokens: rows.reduce((sum, row) => sum + row.completionTokens, 0),
    cacheHits: rows.filter(({ cache }) => cache === 'hit').length,
    cacheHitTokens: rows
      .filter(({ cache }) => cache === 'hit')
      .reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0),
    cost: rows.reduce((sum, row) => sum + (row.costNanos ?? 0), 0) / 1e9,
  });
  type Sums = ReturnType<typeof sumOf>;
  /** What cannot simply be added up, too. */
  const tellsOf = (row: UsageRow) => ({
    requests: row.requests,
    errors: row.errors,
    cancelled: row.cancelled,
    refused: row.refused,
    promptTokens: row.promptTokens,
    completionTokens: row.completionTokens,
    cacheHits: row.cacheHits,
    cacheHitTokens: row.cacheHitTokens,
    cost: row.cost,
    mostAtOnce: row.mostAtOnce,
    firstTokenMsP95: row.firstTokenMsP95,
    totalMsP50: row.totalMsP50,
    tokensPerSecondP50: row.tokensPerSecondP50,
    tokensPerSecondP5: row.tokensPerSecondP5,
  });
  const tellsOfRows = (rows: readonly LogRow[]): ReturnType<typeof tellsOf> => {
    const percentileOf = (durations: readonly number[], share: number): number | null => {
      let packed: Uint8Array | null = null;
      for (const duration of durations)
        packed = sumOfHistograms(packed, packHistogram(new Map([[bucketOf(duration), 1]])));
      return packed === null ? null : (percentilesOf([{ packed, sign: 1 }], [share])[0] ?? null);
    };
    const ended = rows.filter(({ status }) => status === 'ok');
    /** Independent of our own reckoning: of answers that were computed, and took long enough to be measured. */
    const speedOf = (answers: readonly LogRow[], share: number): number | null => {
      const speeds = answers
        .filter(({ cache, completionTokens }) => cache !== 'hit' && completionTokens > 1)
        .filter(({ decodeMs }) => decodeMs !== null && decodeMs >= 20)
        .map(({ completionTokens, decodeMs }) => ((completionTokens - 1) / (decodeMs ?? 1)) * 1_000_000);
      const told = percentileOf(speeds, share);
      return told === null ? null : Math.round(told) / 1000;
    };
    return {
      ...sumOf(rows),
      mostAtOnce: Math.max(...rows.map(({ atOnce }) => atOnce)),
      firstTokenMsP95: percentileOf(
        rows.flatMap(({ firstTokenMs }) => (firstTokenMs === null ? [] : [firstTokenMs])),
        0.95,
      ),
      totalMsP50: percentileOf(
        ended.map(({ totalMs }) => totalMs),
        0.5,
      ),
      tokensPerSecondP50: speedOf(ended, 0.5),
      tokensPerSecondP5: speedOf(ended, 0.05),
    };
  };
  const added = (rows: readonly Sums[]): Sums =>
    rows.reduce(
      (sum, row) => ({
        requests: sum.requests + row.requests,
        errors: sum.errors + row.errors,
        cancelled: sum.cancelled + row.cancelled,
        refused: sum.refused + row.refused,
        promptTokens: sum.promptTokens + row.promptTokens,
        completionTokens: sum.completionTokens + row.completionTokens,
        cacheHits: sum.cacheHits + row.cacheHits,
        cacheHitTokens: sum.cacheHitTokens + row.cacheHitTokens,
        cost: sum.cost + row.cost,
      }),
      sumOf([]),
    );

  it('are those of the rows, however they are split and wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), offset, offset, (requests, a, b) => {
        store.db.exec('DELETE FROM requests; DELETE FROM rollups');
        insertRequests(store, requests.map(rowOf));
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
          { dimensions: ['failure'], step: 'day', zone: 'America/New_York' },
        ];
        for (const split of splits) {
          const sums = added(usage({ ...split, fromMs, toMs }));
          // To the last place that rows have: cut shorter, a half would fall to either side.
          expect({ ...sums, cost: sums.cost.toFixed(9) }).toEqual({
            ...wanted,
            cost: wanted.cost.toFixed(9),
          });
        }
        const withoutPercentiles = usage({
          dimensions: ['person'],
          step: 'day',
          fromMs,
          toMs,
          hasPercentiles: false,
        });
        for (const row of withoutPercentiles)
          expect(row).toMatchObject({ mostAtOnce: null, firstTokenMsP50: null, totalMsP95: null });
        const sooner = added(withoutPercentiles);
        expect({ ...sooner, cost: sooner.cost.toFixed(9) }).toEqual({
          ...wanted,
          cost: wanted.cost.toFixed(9),
        });
        const annas = added(usage({ filters: { person: 'Anna' }, fromMs, toMs }));
        expect(annas.requests).toBe(rows.filter(({ person }) => person === 'Anna').length);
      }),
      { numRuns: 40 },
    );
  });

  it('tell of every local day and month, whoever asked, what its rows tell, also after older sums were removed', () => {
    const zone = fc.constantFrom(
      'Europe/Berlin',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/St_Johns',
    );
    const step = fc.constantFrom('day' as const, 'month' as const);
    const split = fc.constantFrom<('person' | 'model' | 'status' | 'leftOffice' | 'failure')[]>(
      [],
      ['person', 'model'],
      ['status', 'leftOffice'],
      ['failure'],
      ['person', 'failure'],
    );
    const cut = fc.option(fc.integer({ min: -40, max: 40 }));
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 60 }),
        fc.record({ inZone: zone, by: step, dimensions: split, cutDay: cut }),
        (requests, { inZone, by, dimensions, cutDay }) => {
          store.db.exec('DELETE FROM requests; DELETE FROM rollups');
          insertRequests(store, requests.map(rowOf));
          const cutMs = cutDay === null ? 0 : Math.floor(start / dayMs + cutDay) * dayMs;
          while (cutDay !== null && purgeSums(store, cutMs) > 0);
          const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: inZone, dateStyle: 'short' });
          const wanted = new Map<string, LogRow[]>();
          for (const row of listRequests(store, { limit: 1000 })) {
            if (Date.parse(row.time) < cutMs) continue;
            const label = calendar.format(new Date(row.time)).slice(0, by === 'day' ? 10 : 7);
            const { person, servedModel: model, status, leftOffice } = row;
            const failure = failureOf(row);
            const values = dimensions.map((name) => ({ person, model, status, leftOffice, failure })[name]);
            const place = JSON.stringify([label, ...values]);
            wanted.set(place, [...(wanted.get(place) ?? []), row]);
          }
          const told = usage({ step: by, zone: inZone, dimensions });
          const shown = Object.fromEntries(
            told
              .filter(({ requests: count }) => count > 0)
              .map((row) => [
                JSON.stringify([row[by], ...dimensions.map((name) => row[name])]),
                tellsOf(row),
              ]),
          );
          expect(shown).toEqual(
            Object.fromEntries([...wanted].map(([place, rows]) => [place, tellsOfRows(rows)])),
          );
        },
      ),
      { numRuns: 120 },
    );
  });

  it('made anew from the rows are the same as those written with them, one by one or many at once', () => {
    const some = fc.array(request, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 20 }), (requests, together) => {
        store.db.exec('DELETE FROM requests; DELETE FROM rollups');
        const rows = requests.map(rowOf);
        while (rows.length > 0) insertRequests(store, rows.splice(0, together));
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
        for (const one of tenths) {
          packed = sumOfHistograms(packed, packHistogram(new Map([[bucketOf(one / 10), 1]])));
        }
        const sorted = tenths.toSorted((a, b) => a - b);
        const exact = (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0) / 10;
        const parts = packed === null ? [] : [{ packed, sign: 1 as const }];
        const told = percentilesOf(parts, [share])[0] ?? 0;
        // Told to a tenth of a millisecond.
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * percentileError * 1.0001 + 0.051);
      }),
    );
  });
});
