import { describe, expect, it } from 'vitest';
import { teamAccount } from '../../../server/core/policy.ts';
import { createGate } from '../../../server/gate/gate.ts';
import { promptSize, questionSize } from '../../../server/gate/prompt-size.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { usualSampling } from '../../../server/core/generate.ts';
import { updateKey } from '../../../server/store/keys.ts';
import { setPrice } from '../../../server/store/prices.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { removeTeam, setTeam } from '../../../server/store/teams.ts';
import { logRow } from '../admin/admin-server.ts';
import { bench, perDay, used } from './bench.ts';

const hourMs = 3_600_000;
const money = (amount: number) => ({
  limits: { budgets: [{ unit: 'money' as const, amount, period: 'month' as const }] },
});

describe('what would get more out of a budget than is in it', () => {
  it('a price that is raised while a request runs counts from the next request', () => {
    const { gate, key, store } = bench();
    setPrice(store, { model: 'm', input: 1, output: 1, notional: true });
    const { id, ask } = key('a', money(0.00005));
    const running = ask();
    setPrice(store, { model: 'm', input: 100, output: 100, notional: true });
    expect(running.settle(used(40, 10), 'm').costNanos).toBe(50_000);
    expect(gate.account(keyAccount(id)).spent.month.nanos).toBe(50_000);
  });

  it('a dearer fallback is left out where it could not be paid for, whichever way it is dearer', () => {
    const { key, store } = bench();
    setPrice(store, { model: 'reads', input: 2, output: 0.1, notional: true });
    setPrice(store, { model: 'writes', input: 0.1, output: 8, notional: true });
    // 10 to read at least and 10 to write: 21,000 for the one, 81,000 for the other, 100,000 where either may serve.
    expect(key('a', money(0.00009)).served(['reads', 'writes'])).toEqual(['reads']);
    expect(key('b', money(0.0001)).served(['reads', 'writes'])).toEqual(['reads', 'writes']);
  });

  it('what served is paid, at its own price; what has none costs nothing and says so', () => {
    const { key, store } = bench();
    setPrice(store, { model: 'dear', input: 10, output: 10, notional: true });
    const { ask } = key('a');
    const settle = (servedModel: string | null) =>
      ask({ modelIds: ['m', 'dear'] }).settle(used(3, 2), servedModel).costNanos;
    expect([settle('dear'), settle('m'), settle(null)]).toEqual([50_000, null, null]);
  });

  it('a prompt whose size is told at the end only must fit with the most it may have', () => {
    const { key } = bench();
    const { ask, served } = key('a', perDay(50));
    const remote = { isPromptTold: () => false };
    expect(() => ask({ ...remote, maxTokens: 11 })).toThrow(/may need 51 tokens/);
    ask({ ...remote, maxTokens: 10 }).settle(used(0, 0), null);
    ask({ maxTokens: 40 }).settle(used(0, 0), null);
    // Here, then there: where only the model here would fit, it alone may answer.
    expect(served(['m', 'far'], { maxTokens: 40, isPromptTold: (id) => id === 'm' })).toEqual(['m']);
  });

  it('an enormous maximum leaves no trace behind, also where nothing is limited yet', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a');
    const first = ask({ maxTokens: Number.MAX_SAFE_INTEGER, answers: 8 });
    const second = ask({ maxTokens: 3 });
    first.settle(used(1, 1), 'm');
    second.settle(used(1, 1), 'm');
    expect(gate.account(keyAccount(id)).reserved).toEqual({ tokens: 0, nanos: 0 });
  });

  it('eight answers where two fit: refused with a maximum, cut together without', () => {
    const { key } = bench();
    const { ask } = key('a', perDay(60));
    expect(() => ask({ answers: 8, maxTokens: 10 })).toThrow(/may need 90 tokens/);
    const running = ask({ answers: 8, maxTokens: null });
    expect([running.use(used(40, 20)), running.use(used(40, 21))]).toEqual([true, false]);
  });

  it('a budget that is lowered counts from the next request, and what runs keeps what it was let in with', () => {
    const { key, store, time } = bench();
    const { id, ask } = key('a', perDay(1000));
    const running = ask({ maxTokens: 500 });
    updateKey(store, id, perDay(100), time.clock.nowMs());
    expect(() => ask()).toThrow(/put aside/);
    expect(running.use(used(40, 500))).toBe(true);
    running.settle(used(40, 500), 'm');
    expect(() => ask()).toThrow(/is spent/);
    updateKey(store, id, perDay(600), time.clock.nowMs());
    ask().settle(used(1, 1), 'm');
  });

  it('a team that is removed while requests run is settled all the same, and remembers when it comes back', () => {
    const { gate, key, store } = bench();
    setTeam(store, 'T', perDay(100), 1);
    const { ask } = key('a', { team: 'T' });
    const running = ask();
    removeTeam(store, 'T');
    const unlimited = ask({ maxTokens: 1_000 });
    running.settle(used(40, 10), 'm');
    unlimited.settle(used(40, 0), 'm');
    const team = gate.account(teamAccount('T'));
    expect([team.reserved.tokens, team.running, team.spent.day.tokens]).toEqual([0, 0, 90]);
    setTeam(store, 'T', perDay(100), 1);
    expect(() => ask()).toThrow(/10 are left/);
  });
});

describe('time', () => {
  it('attack 66: a clock that was wrong and is set back keeps no budget shut longer than its period', () => {
    const { gate, key, time } = bench();
    const { id, ask } = key('a', perDay(50));
    time.advance(400 * 24 * hourMs);
    ask().settle(used(40, 10), 'm');
    expect(() => ask()).toThrow(/is spent/);
    time.setBack(400 * 24 * hourMs);
    expect(() => ask()).toThrow(/is spent/);
    expect((gate.account(keyAccount(id)).spent.day.endMs ?? 0) - time.clock.nowMs()).toBeLessThanOrEqual(
      25 * hourMs,
    );
    time.advance(25 * hourMs);
    ask().settle(used(1, 1), 'm');
  });

  it('attack 66: a clock set back by hours opens no budget a second time, and no limit per minute either', () => {
    const { key, time } = bench();
    const day = key('a', perDay(50));
    day.ask().settle(used(40, 10), 'm');
    const minute = key('b', { limits: { requestsPerMinute: 1 } });
    minute.ask().settle(used(1, 1), 'm');
    time.setBack(20 * hourMs);
    expect(() => day.ask()).toThrow(/is spent/);
    expect(() => minute.ask()).toThrow(/per minute/);
  });
});

describe('what is usual for a key', () => {
  it('is of one answer, however many a request has, and questions do not change it', () => {
    const { gate, key } = bench();
    const { id, ask } = key('a', perDay(1e6));
    const usual = () => gate.account(keyAccount(id)).usualTokens;
    ask({ answers: 4, maxTokens: null }).settle(used(40, 20_000), 'm');
    expect(usual()).toBe(1_000);
    ask({ answers: 0, maxTokens: 0 }).settle(used(40, 0), 'm');
    expect(usual()).toBe(1_000);
  });

  it('is read from the log after a restart', () => {
    const { store, key, time } = bench();
    const { id } = key('a');
    for (let index = 0; index < 60; index += 1) {
      insertRequest(
        store,
        logRow({ id: `r${index}`, keyId: id, completionTokens: index % 2 === 0 ? 3000 : 0, totalMs: 9000 }),
      );
    }
    const after = createGate({ store, clock: time.clock, timeZone: 'UTC' });
    expect(after.account(keyAccount(id)).usualTokens).toBeCloseTo(3000, -2);
    expect(after.account(keyAccount(id, 'm')).usualTokens).toBe(0);
    expect(after.account(teamAccount('T')).usualTokens).toBe(0);
  });
});

it('a fallback that did not serve loses none of its requests per minute', () => {
  const { key } = bench();
  const { ask } = key('a', { modelLimits: { big: { requestsPerMinute: 1 } } });
  for (let count = 0; count < 3; count += 1) {
    ask({ model: 'office', modelIds: ['m', 'big'] }).settle(used(1, 1), 'm');
  }
  ask({ model: 'big', modelIds: ['big'] }).settle(used(1, 1), 'big');
  expect(() => ask({ model: 'big', modelIds: ['big'] })).toThrow(/1 request per minute/);
});

describe('the most a prompt may have', () => {
  it('of many short texts counts what a model puts around each', () => {
    const many = Array.from({ length: 2048 }, () => 'a');
    expect(questionSize({ input: many }).most).toBeGreaterThanOrEqual(2048 * 3);
  });

  it('of a ranking counts the query with each document', () => {
    const query = 'what is the budget of the year?';
    const documents = Array.from({ length: 100 }, () => 'short');
    const most = 100 * (query.length + 'short'.length + 4);
    expect(questionSize({ query, documents }).most).toBeGreaterThanOrEqual(most);
    expect(questionSize({ input: 'x', query: 'y', documents: 3 }).most).toBeGreaterThan(0);
  });

  it('of an empty conversation is still what its template makes of it', () => {
    const empty = {
      model: 'm',
      messages: [],
      maxTokens: 1,
      stop: [],
      sampling: usualSampling,
      cacheScope: null,
    };
    expect(promptSize(empty).most).toBeGreaterThan(0);
  });
});
