import { describe, expect, it } from 'vitest';
import { periodOf, searchOf, spanOf, stepOf, stepSpan } from '../../renderer/period.ts';
import { beginOfDay, dayIn, daysBetween, isDay, shiftDay } from '../../renderer/zone.ts';

describe('days of the server’s time zone', () => {
  it.each([
    // With daylight saving: 23 and 25 hours long.
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['Asia/Kolkata', '2026-11-23', '2026-11-22T18:30:00.000Z', 24],
    // Clocks are moved by half an hour.
    ['Australia/Lord_Howe', '2026-10-04', '2026-10-03T13:30:00.000Z', 23.5],
    // Clocks go from 24:00 to 1:00: the day has no midnight.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    ['UTC', '2026-11-23', '2026-11-23T00:00:00.000Z', 24],
  ])('%s, %s', (zone, day, begin, hours) => {
    expect(beginOfDay(zone, day).toISOString()).toBe(begin);
    const end = beginOfDay(zone, shiftDay(day, 1));
    expect((end.getTime() - Date.parse(begin)) / 3_600_000).toBe(hours);
    expect(dayIn(zone, new Date(begin))).toBe(day);
    expect(dayIn(zone, new Date(end.getTime() - 1))).toBe(day);
    expect(dayIn(zone, new Date(Date.parse(begin) - 1))).toBe(shiftDay(day, -1));
  });

  it('counts days, and knows what is none', () => {
    expect(daysBetween('2026-02-27', '2026-03-01')).toBe(3);
    expect(shiftDay('2026-12-31', 1)).toBe('2027-01-01');
    expect(['2026-02-29', '2026-13-01', '26-01-01', 'today', null].filter(isDay)).toEqual([]);
    expect(isDay('2028-02-29')).toBe(true);
  });
});

describe('the time in the address', () => {
  const of = (search: string) => periodOf(new URLSearchParams(search), '2026-11-23');

  it('is seven days unless it says otherwise', () => {
    expect(of('')).toEqual({ name: '7d', first: '2026-11-17', last: '2026-11-23' });
    expect(of('period=nonsense')).toEqual(of(''));
    expect(of('period=month')).toEqual({ name: 'month', first: '2026-11-01', last: '2026-11-23' });
    expect(of('period=year').first).toBe('2026-01-01');
  });

  it('keeps days of one’s own in order', () => {
    expect(of('period=custom&from=2026-11-20&to=2026-11-10')).toMatchObject({
      first: '2026-11-20',
      last: '2026-11-23',
    });
    expect(of('period=custom&from=2026-11-31')).toMatchObject({ first: '2026-11-17' });
    const custom = of('period=custom&from=2026-10-01&to=2026-10-02');
    expect(searchOf(custom)).toBe('?period=custom&from=2026-10-01&to=2026-10-02');
    expect(searchOf(of(''))).toBe('?period=7d');
  });

  it('is cut into as many steps as can be read', () => {
    const steps = ['today', '7d', '30d', 'year'].map((name) => stepOf(of(`period=${name}`)));
    expect(steps).toEqual(['hour', 'day', 'day', 'month']);
    expect(stepOf(of('period=custom&from=2026-07-01&to=2026-10-01'))).toBe('week');
  });

  it('gives a step its own time, cut to the whole', () => {
    const zone = 'Europe/Berlin';
    const whole = spanOf({ first: '2026-03-25', last: '2026-03-30' }, zone);
    expect(whole).toEqual({ from: '2026-03-24T23:00:00.000Z', to: '2026-03-30T22:00:00.000Z' });
    const span = (start: string, step: 'hour' | 'day' | 'week' | 'month') =>
      stepSpan(start, { step, zone, whole }).to;
    expect(span('2026-03-28T23:00:00.000Z', 'day')).toBe('2026-03-29T22:00:00.000Z');
    // The week of the whole's first day ends on Monday.
    expect(span('2026-03-24T23:00:00.000Z', 'week')).toBe('2026-03-29T22:00:00.000Z');
    expect(span('2026-03-29T22:00:00.000Z', 'week')).toBe(whole.to);
    expect(span('2026-03-24T23:00:00.000Z', 'month')).toBe(whole.to);
    expect(span('2026-03-28T23:00:00.000Z', 'hour')).toBe('2026-03-29T00:00:00.000Z');
  });
});
