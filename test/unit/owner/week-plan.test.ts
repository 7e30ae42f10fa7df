import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatWeekPlan,
  parseWeekPlan,
  standingAt,
  weekdays,
  weekOf,
  WeekPlanFault,
  type WeekPlan,
} from '../../../server/core/week-plan.ts';

const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().replace(':00.000Z', 'Z');
const standing = (plan: string, now: string, timeZone: string) => {
  const { now: hours, nextMs } = standingAt(parseWeekPlan(plan), Date.parse(now), timeZone);
  return [iso(hours?.beginMs ?? null), iso(hours?.endMs ?? null), iso(nextMs)];
};

describe('office hours as a text', () => {
  it.each([
    ['Mon-Fri 08:00-18:00; Sat 09:00-13:00', 'Mon-Fri 08:00-18:00; Sat 09:00-13:00'],
    ['mo-fr 8:00-18:00', 'Mon-Fri 08:00-18:00'],
    ['Sat-Mon 10:00-12:00', 'Mon 10:00-12:00; Sat-Sun 10:00-12:00'],
    ['Tue,Thu 13:00-17:00, 08:00-12:00', 'Tue 08:00-12:00,13:00-17:00; Thu 08:00-12:00,13:00-17:00'],
    ['Monday 00:00-24:00', 'Mon 00:00-24:00'],
    ['Fri 22:00-06:00', 'Fri 22:00-06:00'],
    ['', ''],
    [' ; ', ''],
  ])('reads %j as %j', (text, written) => {
    expect(formatWeekPlan(parseWeekPlan(text))).toBe(written);
  });

  it.each([
    ['Mon', 'has no times'],
    ['Mon 8-18', '“8-18” is not one'],
    ['Mon 08:60-18:00', 'is not one'],
    ['Mon 24:00-25:00', 'is not one'],
    ['Moon 08:00-18:00', '“Moon” is none of them'],
    ['Mon-Wed-Fri 08:00-18:00', 'is neither'],
    ['Mon 01:00-02:00,03:00-04:00,05:00-06:00,07:00-08:00,09:00-10:00,11:00-12:00,13:00-14:00', 'at most 6'],
  ])('refuses %j, saying why', (text, why) => {
    expect(() => parseWeekPlan(text)).toThrow(WeekPlanFault);
    expect(() => parseWeekPlan(text)).toThrow(why);
  });
});

describe('where a moment stands', () => {
  const office = 'Mon-Fri 08:00-18:00';
  it.each([
    // 23 November 2026 is a Monday.
    [office, '2026-11-23T06:59:00Z', 'Europe/Berlin', [null, null, '2026-11-23T07:00Z']],
    [
      office,
      '2026-11-23T07:00:00Z',
      'Europe/Berlin',
      ['2026-11-23T07:00Z', '2026-11-23T17:00Z', '2026-11-24T07:00Z'],
    ],
    [office, '2026-11-27T17:00:00Z', 'Europe/Berlin', [null, null, '2026-11-30T07:00Z']],
    // The week in which summer time begins on Sunday, 29 March, and ends on 25 October.
    [office, '2026-03-28T12:00:00Z', 'Europe/Berlin', [null, null, '2026-03-30T06:00Z']],
    [office, '2026-10-24T12:00:00Z', 'Europe/Berlin', [null, null, '2026-10-26T07:00Z']],
    // 02:30 does not exist on that Sunday: it is the moment of the leap.
    ['Sun 02:30-05:00', '2026-03-29T00:59:00Z', 'Europe/Berlin', [null, null, '2026-03-29T01:00Z']],
    [
      'Sun 02:30-05:00',
      '2026-03-29T01:00:00Z',
      'Europe/Berlin',
      ['2026-03-29T01:00Z', '2026-03-29T03:00Z', '2026-04-05T00:30Z'],
    ],
    // All of it is skipped.
    ['Sun 02:10-02:50', '2026-03-28T12:00:00Z', 'Europe/Berlin', [null, null, '2026-04-05T00:10Z']],
    // 02:30 comes twice: it begins at the first and ends at the last.
    ['Sun 02:30-02:45', '2026-10-25T00:00:00Z', 'Europe/Berlin', [null, null, '2026-10-25T00:30Z']],
    [
      'Sun 02:30-02:45',
      '2026-10-25T01:44:00Z',
      'Europe/Berlin',
      ['2026-10-25T00:30Z', '2026-10-25T01:45Z', '2026-11-01T01:30Z'],
    ],
    // Over midnight, and hours that touch are one.
    [
      'Fri 22:00-06:00',
      '2026-11-28T04:00:00Z',
      'UTC',
      ['2026-11-27T22:00Z', '2026-11-28T06:00Z', '2026-12-04T22:00Z'],
    ],
    [
      'Mon-Tue 00:00-24:00',
      '2026-11-23T12:00:00Z',
      'UTC',
      ['2026-11-23T00:00Z', '2026-11-25T00:00Z', '2026-11-30T00:00Z'],
    ],
    // A whole day is skipped: Friday, 30 December 2011.
    ['Fri 08:00-10:00', '2011-12-29T20:00:00Z', 'Pacific/Apia', [null, null, '2012-01-05T18:00Z']],
  ])('%s at %s in %s', (plan, now, timeZone, expected) => {
    expect(standing(plan, now, timeZone)).toEqual(expected);
  });

  it('has no end where the hours never end', () => {
    const { now, nextMs } = standingAt(
      parseWeekPlan('Mon-Sun 00:00-24:00'),
      Date.UTC(2026, 2, 28),
      'Europe/Berlin',
    );
    expect([now?.endMs, nextMs]).toEqual([null, null]);
  });
});

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Havana',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
];
const clocks = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }),
  ]),
);
/** What a clock on the wall says, by another way than the code under test takes. */
function wall(timeMs: number, timeZone: string): { readonly day: number; readonly minute: number } {
  const parts = new Map(
    clocks
      .get(timeZone)
      ?.formatToParts(timeMs)
      .map(({ type, value }) => [type, value]),
  );
  const day = weekdays.findIndex((name) => name === parts.get('weekday'));
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}
const quarter = 15;
const hoursOfDay = fc
  .tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 1, max: 96 }))
  .map(([from, length]) => ({ from: from * quarter, to: (from + length) * quarter }));
const plans: fc.Arbitrary<WeekPlan> = fc
  .array(fc.array(hoursOfDay, { maxLength: 2 }), { minLength: 7, maxLength: 7 })
  .map((days) => weekOf((day) => days[weekdays.indexOf(day)] ?? []));
/** Around the nights in which clocks are set, and elsewhere. */
const moments = fc.oneof(
  fc.integer({ min: Date.UTC(2012, 0), max: Date.UTC(2036, 0) }),
  fc
    .constantFrom(
      '2026-03-08T07:00Z',
      '2026-03-29T01:00Z',
      '2026-10-25T01:00Z',
      '2026-11-01T06:00Z',
      '2026-04-04T15:00Z',
    )
    .chain((night) =>
      fc.integer({ min: -2_000, max: 2_000 }).map((minutes) => Date.parse(night) + minutes * 60_000),
    ),
);
const dayMinutes = 1440;

it('agrees with the clock on the wall, for any plan, zone and time at which no clock is being set', () => {
  fc.assert(
    fc.property(plans, moments, fc.constantFrom(...zones), (plan, nowMs, timeZone) => {
      const { day, minute } = wall(nowMs, timeZone);
      // A day around, time has passed as evenly as on the clock.
      const isEven = [-26, -4, -2, 2, 4].every((hours) => {
        const then = wall(nowMs + hours * 3_600_000, timeZone);
        const passed = then.day * dayMinutes + then.minute - (day * dayMinutes + minute) - hours * 60;
        return passed % (7 * dayMinutes) === 0;
      });
      fc.pre(isEven);
      const dayBefore = (day + 6) % 7;
      const isWithin =
        plan[weekdays[day] ?? 'Mon'].some(({ from, to }) => from <= minute && minute < to) ||
        plan[weekdays[dayBefore] ?? 'Mon'].some(
          ({ from, to }) => from <= minute + dayMinutes && minute + dayMinutes < to,
        );
      expect(standingAt(plan, nowMs, timeZone).now !== null).toBe(isWithin);
    }),
    { numRuns: 400 },
  );
});

it('tells ends and beginnings that lie ahead, between which nothing changes', () => {
  fc.assert(
    fc.property(plans, moments, fc.constantFrom(...zones), (plan, nowMs, timeZone) => {
      const { now, nextMs } = standingAt(plan, nowMs, timeZone);
      const changeMs = now === null ? nextMs : now.endMs;
      if (now !== null) expect(now.beginMs).toBeLessThanOrEqual(nowMs);
      if (changeMs === null) return;
      expect(changeMs).toBeGreaterThan(nowMs);
      const isOpen = now !== null;
      for (const part of [0.01, 0.5, 0.99]) {
        const betweenMs = Math.floor(nowMs + (changeMs - nowMs) * part);
        expect(standingAt(plan, betweenMs, timeZone).now !== null).toBe(isOpen);
      }
      expect(standingAt(plan, changeMs, timeZone).now !== null).toBe(!isOpen);
    }),
    { numRuns: 300 },
  );
});

it('is written so that it is read again as the same hours', () => {
  fc.assert(
    fc.property(plans, moments, (plan, nowMs) => {
      const again = parseWeekPlan(formatWeekPlan(plan));
      expect(standingAt(again, nowMs, 'Europe/Berlin')).toEqual(standingAt(plan, nowMs, 'Europe/Berlin'));
    }),
    { numRuns: 200 },
  );
});
