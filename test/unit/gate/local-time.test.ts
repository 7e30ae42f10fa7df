import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodEnd } from '../../../server/core/local-time.ts';
import type { Period } from '../../../server/core/policy.ts';

const end = (period: Period, now: string, timeZone: string): string => {
  const endMs = periodEnd(period, Date.parse(now), timeZone);
  return endMs === null ? 'never' : new Date(endMs).toISOString().replace(':00.000Z', 'Z');
};

describe('the end of a period', () => {
  it.each<[Period, string, string, string]>([
    ['day', '2026-11-23T12:00:00Z', 'UTC', '2026-11-24T00:00Z'],
    ['day', '2026-11-23T22:59:59Z', 'Europe/Berlin', '2026-11-23T23:00Z'],
    ['day', '2026-11-23T23:00:00Z', 'Europe/Berlin', '2026-11-24T23:00Z'],
    // Days of 23 and 25 hours.
    ['day', '2026-03-28T23:00:00Z', 'Europe/Berlin', '2026-03-29T22:00Z'],
    ['day', '2026-10-24T22:00:00Z', 'Europe/Berlin', '2026-10-25T23:00Z'],
    // Midnight is skipped: the day begins at 01:00.
    ['day', '2017-10-14T12:00:00Z', 'America/Sao_Paulo', '2017-10-15T03:00Z'],
    // Midnight comes twice, since 1:00 is set back to it; the first counts, before which it was the day before.
    ['day', '2025-11-01T12:00:00Z', 'America/Havana', '2025-11-02T04:00Z'],
    // A whole day is skipped.
    ['day', '2011-12-29T20:00:00Z', 'Pacific/Apia', '2011-12-30T10:00Z'],
    // Half an hour of daylight saving, and a zone at three quarters.
    ['day', '2026-04-04T20:00:00Z', 'Australia/Lord_Howe', '2026-04-05T13:30Z'],
    ['day', '2026-11-23T12:00:00Z', 'Asia/Kathmandu', '2026-11-23T18:15Z'],
    ['week', '2026-11-22T23:59:59Z', 'UTC', '2026-11-23T00:00Z'],
    ['week', '2026-11-23T00:00:00Z', 'UTC', '2026-11-30T00:00Z'],
    ['week', '2026-12-31T12:00:00Z', 'America/New_York', '2027-01-04T05:00Z'],
    ['month', '2026-01-31T23:30:00Z', 'UTC', '2026-02-01T00:00Z'],
    ['month', '2026-01-31T23:30:00Z', 'Europe/Berlin', '2026-02-28T23:00Z'],
    ['month', '2028-02-29T12:00:00Z', 'UTC', '2028-03-01T00:00Z'],
    ['month', '2026-12-31T23:59:59Z', 'UTC', '2027-01-01T00:00Z'],
    ['month', '2026-03-01T12:00:00Z', 'Europe/Berlin', '2026-03-31T22:00Z'],
    ['total', '2026-03-01T12:00:00Z', 'Europe/Berlin', 'never'],
  ])('%s at %s in %s is %s', (period, now, timeZone, expected) => {
    expect(end(period, now, timeZone)).toBe(expected);
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Atlantic/Azores',
];
/** `2026-11-23`, by another way than the code under test takes. */
const formats = new Map(zones.map((timeZone) => [timeZone, new Intl.DateTimeFormat('sv-SE', { timeZone })]));
const dateAt = (timeMs: number, timeZone: string): string => formats.get(timeZone)?.format(timeMs) ?? '';
const hourMs = 3_600_000;

it('is a date’s first moment from which on no clock shows an earlier one, for any zone and time', () => {
  const timeMs = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2045, 0) });
  fc.assert(
    fc.property(
      timeMs,
      fc.constantFrom(...zones),
      fc.constantFrom('day', 'week', 'month'),
      (nowMs, timeZone, period) => {
        const endMs = periodEnd(period, nowMs, timeZone) ?? 0;
        const date = dateAt(endMs, timeZone);
        expect(endMs).toBeGreaterThan(nowMs);
        for (let later = endMs; later < endMs + 4 * hourMs; later += hourMs / 4) {
          expect(dateAt(later, timeZone) >= date).toBe(true);
        }
        // Clocks are never set back by more than two hours.
        expect(dateAt(endMs - 2 * hourMs - 1, timeZone) < date).toBe(true);
        // Who asks in the last moment is told the same end, but where midnight comes twice.
        const longest = { day: 49, week: 8 * 24, month: 32 * 24 }[period] * hourMs;
        expect(endMs - nowMs).toBeLessThanOrEqual(longest);
        if (period === 'month') expect(['01', '02']).toContain(date.slice(-2));
      },
    ),
    { numRuns: 400 },
  );
});

/** What the period is called that holds this moment; later ones are greater. */
function nameOfPeriod(period: 'day' | 'week' | 'month', timeMs: number, timeZone: string): string {
  const date = dateAt(timeMs, timeZone);
  if (period === 'day') return date;
  if (period === 'month') return date.slice(0, 7);
  const day = new Date(`${date}T00:00Z`);
  const sinceMonday = (day.getUTCDay() + 6) % 7;
  return new Date(day.getTime() - sinceMonday * 24 * hourMs).toISOString().slice(0, 10);
}

it('is what is found by looking at the clock every quarter of an hour', () => {
  const quarterMs = hourMs / 4;
  // The months in which clocks are set, so that every few runs meet it.
  const moment = fc
    .record({
      year: fc.integer({ min: 2008, max: 2037 }),
      month: fc.constantFrom(1, 2, 3, 8, 9, 10),
      minutes: fc.nat(31 * 24 * 60),
    })
    .map(({ year, month, minutes }) => Date.UTC(year, month, 1, 0, minutes));
  fc.assert(
    fc.property(
      moment,
      fc.constantFrom(...zones),
      fc.constantFrom('day', 'week', 'month'),
      (nowMs, timeZone, period) => {
        const now = nameOfPeriod(period, nowMs, timeZone);
        const isOver = (timeMs: number): boolean => nameOfPeriod(period, timeMs, timeZone) > now;
        let aboutMs = nowMs;
        while (!isOver(aboutMs)) aboutMs += 6 * hourMs;
        // From a day later backwards to the last moment that is not over.
        let endMs = Math.ceil((aboutMs + 26 * hourMs) / quarterMs) * quarterMs;
        while (isOver(endMs - quarterMs)) endMs -= quarterMs;
        expect(periodEnd(period, nowMs, timeZone)).toBe(endMs);
      },
    ),
    // Havana sets 1:00 back to midnight.
    { numRuns: 300, examples: [[1601524800000, 'America/Havana', 'month']] },
  );
});
