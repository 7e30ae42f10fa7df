import { describe, expect, it } from 'vitest';
import { budgetUses } from '../../renderer/budget.ts';
import { createFormatter } from '../../renderer/format.ts';
import { keyChange, keyProblems, keyValues, refusedField } from '../../renderer/sections/key-limits-form.ts';
import { limitsValues, nextBudget, noLimits } from '../../renderer/sections/key-limits-values.ts';
import { priceChanges, priceProblems, priceValues } from '../../renderer/sections/price-form.ts';
import { teamChange, teamProblems, teamValues } from '../../renderer/sections/team-form.ts';
import { allTeams } from '../../renderer/sections/team-groups.ts';
import { createKey } from '../../server/store/keys.ts';
import { closeStore, openStore } from '../../server/store/open.ts';
import type { CreateKeyRequest, KeyRecord } from '../../server/wire/admin.ts';
import type { AccountSpending, WireBudget } from '../../server/wire/limits.ts';

/** As the server tells of it. */
function record(policy: Partial<CreateKeyRequest> = {}): KeyRecord {
  const store = openStore(':memory:');
  try {
    return createKey(store, { name: 'a', ...policy }, Date.now()).record;
  } finally {
    closeStore(store);
  }
}

const daily = (amount: number): WireBudget => ({ unit: 'tokens', amount, period: 'day' });

describe('the form of a device', () => {
  it('untouched changes nothing, whatever the device has', () => {
    for (const key of [
      record(),
      record({ models: [] }),
      record({ models: ['b', 'a'], labels: { z: '1', a: '2' }, ips: ['10.0.0.0/8', '::1'], team: 'T' }),
      record({ limits: { budgets: [daily(5)], burst: 3 }, modelLimits: { 'm.1': { maxParallel: 1 } } }),
      record({ expiresAt: '2999-01-01T00:00:00Z', mayLeave: true, priority: 'high' }),
    ]) {
      expect(keyChange(key, keyValues(key))).toEqual({});
      expect(keyProblems(keyValues(key))).toEqual({});
    }
  });

  it('names what was changed only, and takes away by null', () => {
    const key = record({
      person: 'Anna',
      models: ['a'],
      ips: ['::1'],
      limits: { requestsPerMinute: 5, maxParallel: 2 },
      modelLimits: { a: { maxParallel: 1 }, b: { maxParallel: 1 } },
    });
    const before = keyValues(key);
    const changed = {
      ...before,
      person: ' ',
      models: [],
      ips: ' ',
      limits: { ...before.limits, requestsPerMinute: '' },
      modelLimits: before.modelLimits.filter(({ model }) => model !== 'a'),
    };
    expect(keyChange(key, changed)).toEqual({
      person: null,
      models: null,
      ips: null,
      limits: { requestsPerMinute: null },
      modelLimits: { a: null },
    });
  });

  it('finds what the server would refuse, at its field', () => {
    const values = keyValues(record());
    const twice = [1, 2].map((id) => ({ id: String(id), name: 'x', value: '' }));
    const model = { id: '1', model: '', limits: { ...limitsValues(noLimits), burst: 1.5 } };
    expect(
      keyProblems({
        ...values,
        name: ' ',
        expiry: 'date',
        labels: twice,
        modelLimits: [model],
        limits: {
          ...values.limits,
          maxParallel: '-',
          budgets: [
            { id: '1', ...daily(1) },
            { id: '2', ...daily(0) },
          ],
        },
      }),
    ).toEqual({
      name: 'nameMissing',
      expiryDay: 'dayMissing',
      'limits.maxParallel': 'wholeNumber',
      'limits.budgets.1.amount': 'wholeAmount',
      'limits.budgets.1.period': 'sameBudget',
      'modelLimits.0.limits.burst': 'wholeNumber',
      'modelLimits.0.model': 'modelMissing',
      'labels.1.name': 'sameName',
    });
  });

  it('knows which field a refusal means, also for models with dots in their names', () => {
    const values = keyValues(record({ modelLimits: { qwen2: {}, 'qwen2.5': {} }, labels: { 'a.b': '' } }));
    expect(
      [
        'limits.budgets.0.amount',
        'modelLimits.qwen2.5.budgets.1.amount',
        'modelLimits.qwen2',
        'ips.3',
        'expiresAt',
        'labels.a.b',
        'toString',
        'unknown',
        null,
      ].map((param) => refusedField(param, values)),
    ).toEqual([
      'limits.budgets.0.amount',
      'modelLimits.1.limits.budgets.1.amount',
      'modelLimits.0.model',
      'ips',
      'expiry',
      'labels.0.name',
      null,
      null,
      null,
    ]);
  });

  it('offers a kind of budget that is not there yet', () => {
    const first = nextBudget([]);
    expect(first).toMatchObject({ unit: 'tokens', period: 'day', amount: '' });
    expect(nextBudget([first])).toMatchObject({ unit: 'tokens', period: 'week' });
  });
});

it('teams are those with limits and those that keys name; a change says who joins and leaves', () => {
  const keys = [record({ team: 'b' }), record({ team: 'B2' }), record()] as const;
  const limited = { name: 'A', limits: noLimits, pausedAt: null, createdAt: '', keys: 0 };
  const teams = allTeams([limited], keys, 'en');
  expect(teams.map(({ name }) => name)).toEqual(['A', 'b', 'B2']);
  const team = teams[1] ?? null;
  const values = teamValues(team);
  expect(teamChange(team, values)).toBeNull();
  expect(teamChange(null, { ...teamValues(null), name: ' New ' })).toEqual({});
  expect(teamChange(team, { ...values, name: 'c', paused: true, members: [keys[2].id] })).toEqual({
    name: 'c',
    paused: true,
    join: [keys[2].id],
    leave: [keys[0].id],
  });
  expect(teamProblems({ ...values, name: 'A' }, ['A'])).toEqual({ name: 'sameName' });
});

it('prices are set, changed and removed; the one for all models may be missing', () => {
  const prices = [
    { model: 'a', input: 1, output: 2, notional: true },
    { model: 'b', input: 1, output: 2, notional: false },
  ];
  const before = { prices, currency: 'EUR' };
  const values = priceValues(prices, 'EUR');
  expect(values.rows.map(({ model }) => model)).toEqual(['*', 'a', 'b']);
  expect(priceProblems(values)).toEqual({});
  expect(priceChanges(before, values)).toEqual({ currency: null, set: [], removed: [] });
  const [every, a] = values.rows;
  if (every === undefined || a === undefined) throw new Error('There are three rows.');
  const changed = {
    currency: 'chf',
    rows: [
      { ...every, input: 0, output: 0.5 },
      { ...a, isPaid: true },
    ],
  };
  expect(priceChanges(before, changed)).toEqual({
    currency: 'CHF',
    set: [
      { model: '*', input: 0, output: 0.5, notional: true },
      { model: 'a', input: 1, output: 2, notional: false },
    ],
    removed: ['b'],
  });
  expect(
    priceProblems({ currency: 'E1', rows: [{ ...every, input: 1 }, { ...a, model: '' }, a, a] }),
  ).toEqual({
    currency: 'currency',
    'rows.0.output': 'price',
    'rows.1.model': 'modelMissing',
    'rows.3.model': 'sameName',
  });
});

it('the budget that is nearest to its end comes first; what is put aside is in the bar, not in the word', () => {
  const used = (tokens: number, money = 0) => ({ tokens, money, until: null });
  const account = (tokens: number, reserved: number, budgets: WireBudget[]): AccountSpending => ({
    model: null,
    limits: { ...noLimits, budgets },
    running: 1,
    reserved: { tokens: reserved, money: 0 },
    spent: { day: used(tokens), week: used(tokens), month: used(tokens), total: used(tokens, 1) },
  });
  const all = [
    account(79, 21, [{ ...daily(1000), period: 'week' }, daily(100)]),
    account(80, 0, [daily(100)]),
  ];
  expect(budgetUses(all, true).map(({ percent, standing }) => [percent, standing])).toEqual([
    [100, 'within'],
    [80, 'nearly'],
    [10, 'within'],
  ]);
  expect(budgetUses([account(120, 0, [daily(100)])], true)[0]).toMatchObject({
    percent: 100,
    standing: 'spent',
  });
  const money = account(0, 0, [{ unit: 'money', amount: 4, period: 'total' }]);
  expect(budgetUses([money], true)[0]).toMatchObject({ spent: 1, percent: 25, standing: 'within' });
  expect(budgetUses([money], false)[0]?.standing).toBe('unpriced');
});

it('writes money as the reader does, and never as nothing what is a little', () => {
  const [english, german] = [createFormatter('en'), createFormatter('de')];
  expect([0, 0.004, 12.4].map((value) => english.money(value, 'EUR'))).toEqual([
    '€0.00',
    '< €0.01',
    '€12.40',
  ]);
  expect(german.money(1234.5, 'EUR')).toBe('1.234,50\u00a0€');
  expect([english.separators, german.separators]).toEqual([
    { thousand: ',', decimal: '.' },
    { thousand: '.', decimal: ',' },
  ]);
});
