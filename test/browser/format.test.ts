import { describe, expect, it } from 'vitest';
import { createFormatter } from '../../renderer/format.ts';
import { expiryDate } from '../../renderer/sections/key-expiry.ts';

const english = createFormatter('en');
const german = createFormatter('de');

it('writes durations from milliseconds to minutes, and a dash for unknown', () => {
  const durations = [null, 0, 419.6, 999.4, 999.5, 1840, 59_949, 125_400];
  expect(durations.map((ms) => english.duration(ms))).toEqual([
    '–',
    '0\u00a0ms',
    '420\u00a0ms',
    '999\u00a0ms',
    '1.0\u00a0s',
    '1.8\u00a0s',
    '59.9\u00a0s',
    '2\u00a0min\u00a005\u00a0s',
  ]);
  expect(german.duration(1840)).toBe('1,8\u00a0s');
});

it('shortens large counts only', () => {
  expect([312, 9_999, 12_420, 3_100_000].map((count) => english.count(count))).toEqual([
    '312',
    '9,999',
    '12.4\u00a0k',
    '3.1\u00a0M',
  ]);
  expect(german.count(9_999)).toBe('9.999');
});

it('writes file sizes in decimal units', () => {
  expect([900, 98_000_000, 4_683_000_000].map((bytes) => english.fileSize(bytes))).toEqual([
    '1 kB',
    '98 MB',
    '4.7 GB',
  ]);
});

it('says how long ago within a day, and the date beyond', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  expect(english.ago('2026-11-22T11:57:00Z', now)).toMatch(/^3 min.* ago$/);
  expect(german.ago('2026-11-22T10:00:00Z', now)).toBe('vor 2 Std.');
  expect(english.ago('2026-11-20T10:00:00Z', now)).toBe('20 Nov 2026');
});

it('names the day of a moment that is not today, and the year of one that is not this year', () => {
  const now = new Date(2026, 10, 22, 12);
  expect(english.moment(new Date(2026, 10, 22, 9, 5, 7).toISOString(), now)).toBe('09:05:07');
  expect(english.moment(new Date(2026, 10, 20, 9, 5).toISOString(), now)).toBe('20 Nov, 09:05');
  expect(german.moment(new Date(2025, 10, 20, 9, 5).toISOString(), now)).toBe('20.11.2025, 09:05');
});

it('has a short form of a moment for narrow tables', () => {
  const now = new Date(2026, 10, 22, 12);
  const days = [new Date(2026, 10, 22, 9, 5, 7), new Date(2026, 10, 20, 9, 5), new Date(2025, 10, 20, 9, 5)];
  const moments = days.map((day) => german.shortMoment(day.toISOString(), now));
  expect(moments).toEqual(['09:05:07', '20.11. 09:05', '20.11.25']);
});

it('keeps the region of the browser where it speaks the language', () => {
  expect(createFormatter('de', ['en-US', 'de-CH']).locale).toBe('de-CH');
  expect(createFormatter('de', ['en-US']).locale).toBe('de-DE');
});

describe('the end of a key', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  it('is the end of the chosen day, or none', () => {
    expect(expiryDate({ expiry: 'never', expiryDay: '' }, now)).toBeNull();
    expect(expiryDate({ expiry: 'date', expiryDay: '2026-11-24' }, now)).toEqual(
      new Date('2026-11-24T23:59:59'),
    );
    expect(expiryDate({ expiry: 'date', expiryDay: '2026-11-20' }, now)).toBeNull();
    expect(expiryDate({ expiry: 'date', expiryDay: '' }, now)).toBeNull();
  });
  it('counts calendar days', () => {
    const week = new Date(now);
    week.setDate(week.getDate() + 7);
    expect(expiryDate({ expiry: 'week', expiryDay: '' }, now)).toEqual(week);
  });
});

it('writes an estimate of money, and what is less than half a cent as about nothing', () => {
  const amounts = [1.2, 0, 0.004, -0.004, -0.0001, -0.31];
  expect(amounts.map((amount) => english.estimate(amount, 'EUR'))).toEqual([
    '≈ €1.20',
    '≈ €0.00',
    '≈ €0.00',
    '≈ €0.00',
    '≈ €0.00',
    '≈ −€0.31',
  ]);
});

it('writes a price list exactly, up to four digits', () => {
  expect([0.075, 0.125, 0.005, 1.25, 15].map((price) => english.price(price))).toEqual([
    '0.075',
    '0.125',
    '0.005',
    '1.25',
    '15',
  ]);
});

it('writes how fast a download is, and how long it still takes', () => {
  expect([0, 840_000, 41_200_000].map((bytes) => english.speed(bytes))).toEqual([
    '0 kB/s',
    '840 kB/s',
    '41 MB/s',
  ]);
  expect([0.2, 59, 60, 61, 3_599, 11_100].map((seconds) => english.timeLeft(seconds))).toEqual([
    '1 s',
    '59 s',
    '1 min',
    '2 min',
    '1 h 00 min',
    '3 h 05 min',
  ]);
});
