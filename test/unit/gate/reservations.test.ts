import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { teamAccount, type Reservation } from '../../../server/core/policy.ts';
import { nanosOfOne } from '../../../server/gate/account.ts';
import { createGate } from '../../../server/gate/gate.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { createKey } from '../../../server/store/keys.ts';
import { closeStore } from '../../../server/store/open.ts';
import { setPrice } from '../../../server/store/prices.ts';
import { findSpending, saveSpending } from '../../../server/store/spending.ts';
import { setTeam } from '../../../server/store/teams.ts';
import { bench, openBench, perDay, used, usualAsk } from './bench.ts';

describe('a reservation', () => {
  it('puts aside the most the prompt may have and the maximum, gives back what the prompt has not, and then the rest', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a', perDay(1000));
    const account = gate.account(keyAccount(id));
    const reservation = ask();
    expect(account.reserved.tokens).toBe(50);
    expect(reservation.use(used(12, 0))).toBe(true);
    expect(account.reserved.tokens).toBe(22);
    reservation.settle(used(12, 3), 'm');
    expect([account.reserved.tokens, account.running, account.spent.day.tokens]).toEqual([0, 0, 15]);
    expect(reservation.settle(used(12, 3), 'm').spendings).toEqual([]);
    expect(account.spent.day.tokens).toBe(15);
  });

  it('without a maximum takes the usual answer, at least 1024 tokens, or what is left; then grows while it can', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a', perDay(5000));
    const account = gate.account(keyAccount(id));
    const first = ask({ maxTokens: null });
    expect(account.reserved.tokens).toBe(40 + 1024);
    first.use(used(10, 0));
    expect(account.reserved.tokens).toBe(10 + 1024);
    expect(first.use(used(10, 1024))).toBe(true);
    expect(first.use(used(10, 1025))).toBe(true);
    expect(account.reserved.tokens).toBe(10 + 1025 + 256);
    first.settle(used(10, 4000), 'm');
    // Of the rest nothing more than the rest is put aside, and it ends there.
    const second = ask({ maxTokens: null });
    expect(account.reserved.tokens).toBe(990);
    expect(second.use(used(10, 980))).toBe(true);
    expect(second.use(used(10, 981))).toBe(false);
    second.settle(used(10, 980), 'm');
    expect(account.spent.day.tokens).toBe(5000);
    expect(() => ask({ maxTokens: null })).toThrow(
      /budget of the key “a” \(5,000 tokens per day\) is spent.*23 November 2026.*Europe\/Berlin.*owner/s,
    );
  });

  it('keeps the most for a prompt whose size is told at the end only', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a', perDay(60));
    const account = gate.account(keyAccount(id));
    const reservation = ask({ maxTokens: null });
    expect(reservation.use(used(5, 20), true)).toBe(true);
    expect(account.reserved.tokens).toBe(60);
    // 40 may still be the prompt's, so the answer ends at 20.
    expect(reservation.use(used(5, 21), true)).toBe(false);
    reservation.settle(used(40, 20), 'm');
    expect(account.spent.day.tokens).toBe(60);
  });

  it('what is held by others is worth waiting for, what is spent is not', () => {
    const { key } = bench();
    const { ask } = key('a', perDay(60));
    const running = ask();
    expect(() => ask()).toThrow(expect.objectContaining({ code: 'rate_limit_exceeded', retryable: true }));
    running.settle(used(40, 10), 'm');
    expect(() => ask()).toThrow(
      expect.objectContaining({ code: 'insufficient_quota', retryable: false, retryAfterSeconds: null }),
    );
  });

  it('of a team goes with it to a new name, with what is spent, put aside and allowed', () => {
    const { gate, store, key } = bench();
    setTeam(store, 'Support', perDay(60), 1);
    const { ask } = key('a', { team: 'Support' });
    const running = ask();
    setTeam(store, 'Help', {}, 1);
    setTeam(store, 'Support', { name: 'Desk' }, 2);
    gate.renameAccount(teamAccount('Support'), teamAccount('Desk'));
    const account = gate.account(teamAccount('Desk'));
    expect([account.reserved.tokens, account.running]).toEqual([50, 1]);
    expect(() => ask()).toThrow(/team “Desk”/);
    for (const spending of running.settle(used(40, 10), 'm').spendings) saveSpending(store, spending);
    expect(findSpending(store, teamAccount('Desk'))?.spent.day.tokens).toBe(50);
    // Of an earlier team of that name nothing is left.
    setTeam(store, 'Desk', { name: 'Next' }, 3);
    gate.renameAccount(teamAccount('Desk'), teamAccount('Next'));
    setTeam(store, 'Help', { name: 'Desk' }, 4);
    gate.renameAccount(teamAccount('Help'), teamAccount('Desk'));
    expect(gate.account(teamAccount('Desk')).spent.total.tokens).toBe(0);
    expect(gate.account(teamAccount('Next')).spent.total.tokens).toBe(50);
    expect(findSpending(store, teamAccount('Next'))?.spent.total.tokens).toBe(50);
  });

  it('must fit key and team alike, and takes from neither when it does not', () => {
    const { gate, store, key } = bench();
    setTeam(store, 'Support', perDay(70), 1);
    const a = key('a', { team: 'Support', ...perDay(1000) });
    const b = key('b', { team: 'Support', ...perDay(5) });
    const team = gate.account(teamAccount('Support'));
    expect(() => b.ask()).toThrow(/key “b”/);
    expect([team.reserved.tokens, team.running]).toEqual([0, 0]);
    const running = a.ask();
    expect([team.reserved.tokens, team.running]).toEqual([50, 1]);
    const other = key('c', { team: 'Support' });
    expect(other.ask({ prompt: () => ({ likely: 5, most: 5 }) }).use(used(5, 10))).toBe(true);
    expect(() => other.ask()).toThrow(/team “Support”/);
    running.settle(used(1, 1), 'm');
    expect(team.spent.day.tokens).toBe(2);
  });

  it('counts in the period in which it ends, and nothing of the old one stays behind', () => {
    const { gate, key, time } = bench();
    const { id, ask } = key('a', perDay(100));
    const account = gate.account(keyAccount(id));
    ask().settle(used(40, 10), 'm');
    const running = ask();
    time.advance(24 * 3_600_000);
    expect(() => ask({ prompt: () => ({ likely: 60, most: 60 }) })).toThrow(/put aside/);
    running.settle(used(20, 5), 'm');
    ask({ prompt: () => ({ likely: 65, most: 65 }) }).settle(used(65, 10), 'm');
    expect([account.spent.day.tokens, account.spent.total.tokens]).toEqual([100, 150]);
  });

  it('a limit for one model counts by whatever name it is reached, and only when that model served', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a', { modelLimits: { big: perDay(100).limits } });
    const big = gate.account(keyAccount(id, 'big'));
    ask({ model: 'office', modelIds: ['big', 'small'] }).settle(used(20, 10), 'small');
    expect([big.spent.day.tokens, big.reserved.tokens]).toEqual([0, 0]);
    ask({ model: 'office', modelIds: ['big'] }).settle(used(60, 30), 'big');
    expect(big.spent.day.tokens).toBe(90);
    expect(() => ask({ model: 'big', modelIds: ['big'] })).toThrow(/with the model `big`/);
    ask({ model: 'small', modelIds: ['small'] }).settle(used(60, 30), 'small');
  });

  it('leaves out a fallback that has nothing left, and asks for no more than the first needs', () => {
    const { gate, key, store } = bench();
    const { key: text } = createKey(store, { name: 'b', modelLimits: { big: perDay(15).limits } }, 1);
    const principal = gate.enter({ headers: { 'x-api-key': text }, query: {} }, '::1');
    const { mayServe, reservation } = gate.reserve(principal, {
      ...usualAsk,
      modelIds: ['m', 'big', 'small'],
    });
    expect(['m', 'big', 'small'].map(mayServe)).toEqual([true, false, true]);
    reservation.settle(used(1, 1), 'm');
    expect(key('c').ask().use(used(1, 1))).toBe(true);
  });

  it('money counts by the price of what served, and what has no price is refused, never free', () => {
    const { gate, key, store } = bench();
    const { id, ask } = key('a', {
      limits: { budgets: [{ unit: 'money', amount: 0.001, period: 'month' }] },
    });
    expect(() => ask()).toThrow(/money budget, and the model `m` has no price/);
    setPrice(store, { model: 'm', input: 2, output: 10, notional: true });
    const account = gate.account(keyAccount(id));
    const reservation = ask();
    expect(account.reserved.nanos).toBe(40 * 2000 + 10 * 10_000);
    reservation.settle(used(100, 50), 'm');
    expect(account.spent.month.nanos / nanosOfOne).toBe(0.0007);
    expect(() => ask({ maxTokens: 50 })).toThrow(/may need 0\.00052 EUR.*0\.0003 are left/);
    // A price for all others is a price too.
    expect(() => ask({ model: 'x', modelIds: ['x'] })).toThrow(/no price/);
    setPrice(store, { model: '*', input: 0.1, output: 0.1, notional: true });
    expect(ask({ model: 'x', modelIds: ['x'] }).use(used(40, 10))).toBe(true);
  });

  it('a crash loses what was put aside and keeps what was spent', () => {
    const { gate, store, key, time } = bench();
    const { id, ask } = key('a', perDay(100));
    const { spendings } = ask().settle(used(20, 10), 'm');
    for (const spending of spendings) saveSpending(store, spending);
    ask();
    expect(gate.account(keyAccount(id)).reserved.tokens).toBe(50);
    const after = createGate({ store, clock: time.clock, timeZone: 'Europe/Berlin' });
    const account = after.account(keyAccount(id));
    expect([account.reserved.tokens, account.running, account.spent.day.tokens]).toEqual([0, 0, 30]);
    expect(findSpending(store, keyAccount(id))?.spent.total.tokens).toBe(30);
    // Left off for longer than a day, and then with the clock set back by a year.
    time.advance(25 * 3_600_000);
    const later = createGate({ store, clock: time.clock, timeZone: 'Europe/Berlin' });
    expect(later.account(keyAccount(id)).spent.day.tokens).toBe(0);
    const yearMs = 365 * 24 * 3_600_000;
    const clock = { ...time.clock, nowMs: () => time.clock.nowMs() - yearMs };
    const back = createGate({ store, clock, timeZone: 'Europe/Berlin' }).account(keyAccount(id));
    expect((back.spent.day.endMs ?? 0) - clock.nowMs()).toBeLessThanOrEqual(25 * 3_600_000);
  });
});

type Step =
  | { readonly do: 'ask'; readonly key: number; readonly prompt: number; readonly maxTokens: number | null }
  | { readonly do: 'go'; readonly which: number; readonly tokens: number }
  | { readonly do: 'end'; readonly which: number }
  | { readonly do: 'wait'; readonly hours: number };

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('ask' as const),
    key: fc.nat(2),
    prompt: fc.integer({ min: 1, max: 60 }),
    maxTokens: fc.option(fc.integer({ min: 1, max: 80 })),
  }),
  fc.record({ do: fc.constant('go' as const), which: fc.nat(20), tokens: fc.integer({ min: 1, max: 300 }) }),
  fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 40 }) }),
);

it('however many run and however they end, no budget is ever overspent, and nothing stays put aside', () => {
  const amounts = fc.record({
    key: fc.integer({ min: 1, max: 400 }),
    team: fc.integer({ min: 1, max: 600 }),
  });
  fc.assert(
    fc.property(amounts, fc.array(stepArbitrary, { maxLength: 60 }), (amount, steps) => {
      const { store, gate, key, time } = openBench();
      try {
        setTeam(store, 'T', perDay(amount.team), 1);
        const keys = ['a', 'b', 'c'].map((name) => key(name, { team: 'T', ...perDay(amount.key) }));
        const running: { reservation: Reservation; prompt: number; tokens: number }[] = [];
        const limitsOf = [
          ...keys.map(({ id }) => [gate.account(keyAccount(id)), amount.key] as const),
          [gate.account(teamAccount('T')), amount.team] as const,
        ];
        let total = 0;
        const end = (index: number): void => {
          const [ended] = running.splice(index, 1);
          if (ended === undefined) return;
          total += ended.prompt + ended.tokens;
          ended.reservation.settle(used(ended.prompt, ended.tokens), 'm');
        };
        for (const step of steps) {
          if (step.do === 'wait') time.advance(step.hours * 3_600_000);
          else if (step.do === 'end') end(step.which % Math.max(1, running.length));
          else if (step.do === 'go') {
            const one = running[step.which % Math.max(1, running.length)];
            if (one?.reservation.use(used(one.prompt, one.tokens + step.tokens)) === true) {
              one.tokens += step.tokens;
            }
          } else {
            const { prompt, maxTokens } = step;
            const size = { likely: Math.ceil(prompt / 4), most: prompt };
            try {
              const reservation = keys[step.key]?.ask({ prompt: () => size, maxTokens });
              if (reservation === undefined) continue;
              // The model finds somewhat less than the most; a prompt that does not fit is not begun.
              const found = Math.ceil(prompt / 2);
              const isIn = reservation.use(used(found, 0));
              running.push({ reservation, prompt: isIn ? found : 0, tokens: 0 });
            } catch (error) {
              expect(error).toMatchObject({ status: 429 });
            }
          }
          for (const [account, most] of limitsOf) {
            const { tokens } = account.spent.day;
            expect(tokens).toBeLessThanOrEqual(most);
            expect(account.reserved.tokens).toBeGreaterThanOrEqual(0);
          }
        }
        while (running.length > 0) end(0);
        for (const [account, most] of limitsOf) {
          expect([account.reserved.tokens, account.running]).toEqual([0, 0]);
          expect(account.spent.day.tokens).toBeLessThanOrEqual(most);
        }
        expect(gate.account(teamAccount('T')).spent.total.tokens).toBe(total);
      } finally {
        closeStore(store);
      }
    }),
    { numRuns: 200 },
  );
});
