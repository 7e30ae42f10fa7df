import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextFridayEvening } from '../../../server/lan/pairing-expiry.ts';
import { plainText } from '../../../server/lan/pairing-names.ts';
import { codeHash, codeOf, newTicket, ticketHash } from '../../../server/lan/pairing-secrets.ts';

describe('ticket and code', () => {
  it('have the promised shape and are never the same', () => {
    const tickets = Array.from({ length: 500 }, newTicket);
    expect(new Set(tickets).size).toBe(500);
    for (const ticket of tickets) {
      expect(ticket).toMatch(/^[\w-]{22}$/);
      expect(codeOf(ticket)).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      expect(codeOf(ticket)).toBe(codeOf(ticket));
    }
    expect(new Set(tickets.map(codeOf)).size).toBe(500);
    // Every character of the alphabet comes about equally often: 4000 characters, 200 of each expected.
    const counts = Map.groupBy(
      tickets.flatMap((ticket) => codeOf(ticket).replace('-', '').split('')),
      (letter) => letter,
    );
    expect(counts.size).toBe(20);
    for (const same of counts.values()) expect(Math.abs(same.length - 200)).toBeLessThan(100);
  });

  it('cannot stand in for one another', () => {
    expect(ticketHash('BCDFGHJK')).not.toEqual(codeHash('BCDFGHJK'));
  });
});

describe('a device name', () => {
  it('is one line of visible text whatever was sent, and stays what it is when cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const shown = plainText(text, 100);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
        expect(shown.length).toBeLessThanOrEqual(100);
        expect(shown.isWellFormed()).toBe(true);
        expect(plainText(shown, 100)).toBe(shown);
      }),
    );
  });
});

describe('Friday 18:00', () => {
  it.each([
    // Winter in Berlin is UTC+1, summer UTC+2.
    ['Sunday', '2026-11-22T12:00:00Z', 'Europe/Berlin', '2026-11-27T17:00:00Z'],
    ['the Friday itself', '2026-11-27T08:00:00Z', 'Europe/Berlin', '2026-11-27T17:00:00Z'],
    ['an hour before', '2026-11-27T16:00:00Z', 'Europe/Berlin', '2026-11-27T17:00:00Z'],
    ['less than an hour before', '2026-11-27T16:00:01Z', 'Europe/Berlin', '2026-12-04T17:00:00Z'],
    ['Friday evening', '2026-11-27T19:00:00Z', 'Europe/Berlin', '2026-12-04T17:00:00Z'],
    ['Saturday', '2026-11-28T00:00:00Z', 'Europe/Berlin', '2026-12-04T17:00:00Z'],
    ['over the year’s end', '2026-12-30T12:00:00Z', 'Europe/Berlin', '2027-01-01T17:00:00Z'],
    ['clocks go forward on the way', '2027-03-27T12:00:00Z', 'Europe/Berlin', '2027-04-02T16:00:00Z'],
    ['clocks go back on the way', '2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-30T17:00:00Z'],
    ['in the hour that comes twice', '2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-30T17:00:00Z'],
    ['clocks go forward on the way', '2026-03-07T12:00:00Z', 'America/New_York', '2026-03-13T22:00:00Z'],
    ['already Friday there, Thursday in UTC', '2026-11-26T23:00:00Z', 'Asia/Tokyo', '2026-11-27T09:00:00Z'],
    [
      'still Friday there, Saturday in UTC',
      '2026-11-28T03:00:00Z',
      'Pacific/Honolulu',
      '2026-11-28T04:00:00Z',
    ],
    ['a zone between the hours', '2026-11-22T12:00:00Z', 'Asia/Kathmandu', '2026-11-27T12:15:00Z'],
    ['the zone farthest ahead', '2026-11-22T12:00:00Z', 'Pacific/Kiritimati', '2026-11-27T04:00:00Z'],
    ['UTC', '2026-11-22T12:00:00Z', 'UTC', '2026-11-27T18:00:00Z'],
    ['a half-hour summer time', '2026-10-03T00:00:00Z', 'Australia/Lord_Howe', '2026-10-09T07:00:00Z'],
  ])('%s: from %s in %s is %s', (_what, from, timeZone, expected) => {
    expect(new Date(nextFridayEvening(Date.parse(from), timeZone)).toISOString()).toBe(
      new Date(expected).toISOString(),
    );
  });

  it('shows Friday 18:00 on the wall from any moment in any zone, between an hour and eight days away', () => {
    const zones = [
      'Europe/Berlin',
      'America/St_Johns',
      'Pacific/Apia',
      'Africa/Casablanca',
      'Asia/Tehran',
      'UTC',
    ];
    const moments = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(moments, fc.constantFrom(...zones), (nowMs, timeZone) => {
        const endMs = nextFridayEvening(nowMs, timeZone);
        const wall = new Intl.DateTimeFormat('en-GB', {
          timeZone,
          weekday: 'long',
          hour: '2-digit',
          minute: '2-digit',
          second: '2-digit',
        });
        expect(wall.format(endMs)).toBe('Friday 18:00:00');
        expect(endMs - nowMs).toBeGreaterThanOrEqual(3_600_000);
        expect(endMs - nowMs).toBeLessThanOrEqual(8 * 86_400_000);
      }),
    );
  });
});
