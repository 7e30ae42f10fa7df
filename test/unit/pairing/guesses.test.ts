import { describe, expect, it } from 'vitest';
import { byCode, byTicket, errorOf, minuteMs, openDesk, outcome, visitor, type Desk } from './desk.ts';

function guess(desk: Desk, ip: string): unknown {
  return outcome(() => desk.pairing.redeem(byCode('ZZZZ-ZZZZ'), visitor('guesser', ip)));
}

describe('one address', () => {
  it('is not listened to after five wrong ones, not even with the right one, until ten minutes have passed', () => {
    const desk = openDesk();
    const { ticket, code } = desk.invite();
    expect([1, 2, 3, 4, 5].map(() => guess(desk, '10.0.0.1'))).toEqual([410, 410, 410, 410, 410]);
    const blocked = errorOf(() => desk.pairing.redeem(byCode(code), visitor('x', '10.0.0.1')));
    expect(blocked).toMatchObject({ status: 429, code: 'too_many_attempts', retryAfterSeconds: 600 });
    expect(outcome(() => desk.pairing.redeem(byTicket(ticket), visitor('x', '10.0.0.1')))).toBe(429);
    expect(outcome(() => desk.pairing.look(ticket, '10.0.0.1'))).toBe(429);
    expect(desk.pairing.list()[0]?.state).toBe('open');
    // Nobody else suffers from it.
    expect(desk.pairing.redeem(byCode(code), visitor('x', '10.0.0.2')).status).toBe('waiting');

    desk.pass(10 * minuteMs - 1);
    expect(guess(desk, '10.0.0.1')).toBe(429);
    desk.pass(1);
    expect(guess(desk, '10.0.0.1')).toBe(410);
  });

  it('is counted in a sliding window, by redeeming and looking alike', () => {
    const desk = openDesk();
    const wrong = [
      () => guess(desk, '10.0.0.1'),
      () => outcome(() => desk.pairing.look('unknown', '10.0.0.1')),
      () => outcome(() => desk.pairing.redeem(byTicket('unknown'), visitor('x', '10.0.0.1'))),
    ];
    for (let count = 0; count < 5; count++) {
      expect(wrong[count % 3]?.()).toBe(410);
      desk.pass(2 * minuteMs);
    }
    // The first one has just left the window, so there is room for one more, and only one.
    expect(wrong.map((attempt) => attempt())).toEqual([410, 429, 429]);
    const blocked = errorOf(() => desk.pairing.look('unknown', '10.0.0.1'));
    expect(blocked.retryAfterSeconds).toBe(120);
    // What is not listened to does not count, or nobody would ever get out.
    desk.pass(2 * minuteMs);
    expect(guess(desk, '10.0.0.1')).toBe(410);
  });

  it('does not lose a device that waits by its ticket', () => {
    const desk = openDesk();
    const { ticket, record } = desk.invite();
    desk.pairing.redeem(byTicket(ticket), visitor('laptop', '10.0.0.1'));
    for (let count = 0; count < 6; count++) guess(desk, '10.0.0.1');
    desk.pairing.approve(record.id);
    expect(outcome(() => desk.pairing.redeem(byTicket(ticket), visitor('other', '10.0.0.1')))).toBe(429);
    expect(desk.pairing.redeem(byTicket(ticket), visitor('laptop', '10.0.0.1')).status).toBe('joined');
  });
});

describe('everybody together', () => {
  it('attack 41: closes all open invitations with the twentieth wrong one, and tells the owner', () => {
    const desk = openDesk();
    const waiting = desk.invite();
    desk.pairing.redeem(byTicket(waiting.ticket), visitor('laptop', '10.0.1.1'));
    const open = [desk.invite(), desk.invite()];
    for (let count = 0; count < 19; count++) expect(guess(desk, `10.0.0.${count}`)).toBe(410);
    expect(desk.pairing.list().map(({ state }) => state)).toEqual(['open', 'open', 'waiting']);
    const before = desk.changes();
    expect(guess(desk, '10.0.0.99')).toBe(410);
    expect(desk.changes()).toBe(before + 1);
    expect(desk.pairing.list().map(({ state, closedBy }) => [state, closedBy])).toEqual([
      ['closed', 'guessing'],
      ['closed', 'guessing'],
      ['waiting', null],
    ]);
    expect(desk.logged.at(-1)).toContain('Many wrong pairing codes');
    for (const { code, ticket } of open) {
      expect(outcome(() => desk.pairing.redeem(byCode(code), visitor('laptop', '10.0.1.2')))).toBe(410);
      expect(outcome(() => desk.pairing.redeem(byTicket(ticket), visitor('laptop', '10.0.1.2')))).toBe(410);
    }
    // The owner can go on at once.
    const { code } = desk.invite();
    expect(guess(desk, '10.0.0.100')).toBe(410);
    expect(desk.pairing.redeem(byCode(code), visitor('laptop', '10.0.1.3')).status).toBe('waiting');
  });

  it('does not mind a wrong one now and then', () => {
    const desk = openDesk();
    for (let count = 0; count < 60; count++) {
      guess(desk, `10.0.0.${count}`);
      desk.pass(minuteMs);
    }
    const { record } = desk.invite();
    guess(desk, '10.0.1.1');
    expect(desk.pairing.list()[0]).toEqual(record);
  });
});
