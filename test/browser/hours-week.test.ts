import { expect, it } from 'vitest';
import { isHalf, timesOfWeek, weekOfTimes, withBreak } from '../../renderer/sections/hours-week.ts';

it('takes the week apart into time fields, and puts it together again', () => {
  const week = 'Mon-Fri 08:00-12:00,13:00-18:00; Sat 22:00-06:00; Sun 00:00-24:00';
  const times = timesOfWeek(week);
  expect(times.Thu).toEqual([
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '18:00' },
  ]);
  expect([times.Sat, times.Sun]).toEqual([
    [{ from: '22:00', to: '06:00' }],
    [{ from: '00:00', to: '00:00' }],
  ]);
  const workdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'].map((day) => `${day} 08:00-12:00,13:00-18:00`);
  expect(weekOfTimes(times)).toBe([...workdays, 'Sat 22:00-06:00', 'Sun 00:00-24:00'].join('; '));
  expect(weekOfTimes(timesOfWeek(null))).toBe(null);
});

it('puts a break at noon where noon lies within, else gives two empty fields', () => {
  expect(withBreak([{ from: '08:00', to: '18:00' }])).toEqual([
    { from: '08:00', to: '12:00' },
    { from: '13:00', to: '18:00' },
  ]);
  expect(withBreak([{ from: '00:00', to: '00:00' }]).at(-1)).toEqual({ from: '13:00', to: '00:00' });
  const morning = { from: '08:00', to: '12:30' };
  expect(withBreak([morning])).toEqual([morning, { from: '', to: '' }]);
  expect([{ from: '08:00', to: '' }, morning].map(isHalf)).toEqual([true, false]);
});
