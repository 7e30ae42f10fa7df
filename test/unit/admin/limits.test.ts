import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => await server.close());

const owner = async (method: string, path: string, body?: unknown) =>
  await server.asOwner(method, `/api${path}`, body);
const none = { requestsPerMinute: null, burst: null, tokensPerMinute: null, maxParallel: null, budgets: [] };

describe('a key’s limits', () => {
  it('are as usual unless named, and change field by field', async () => {
    const created = (await owner('POST', '/keys', { name: 'a' })).json;
    const usual = {
      labels: {},
      ips: null,
      priority: 'normal',
      trace: false,
      mayLeave: false,
      cache: true,
      modelLimits: {},
    };
    expect(created).toMatchObject({ ...usual, limits: none, pausedAt: null });
    await owner('PATCH', '/keys/a', {
      limits: { requestsPerMinute: 5 },
      modelLimits: { m: { maxParallel: 1 }, n: { maxParallel: 2 } },
    });
    const changed = (
      await owner('PATCH', '/keys/a', {
        limits: { maxParallel: 3 },
        modelLimits: { m: { tokensPerMinute: 10 }, n: null },
        labels: { project: 'website' },
      })
    ).json;
    expect(changed).toMatchObject({
      limits: { ...none, requestsPerMinute: 5, maxParallel: 3 },
      labels: { project: 'website' },
    });
    expect(changed.modelLimits).toEqual({ m: { ...none, maxParallel: 1, tokensPerMinute: 10 } });
    expect((await owner('GET', '/keys/a')).json).toEqual(changed);
  });

  it('pausing is no second time later, and says since when', async () => {
    await owner('POST', '/keys', { name: 'a' });
    const first = (await owner('PATCH', '/keys/a', { paused: true })).json;
    expect(first).toMatchObject({ status: 'paused', pausedAt: '2026-11-22T12:00:00.000Z' });
    server.time.nowMs += 60_000;
    expect((await owner('PATCH', '/keys/a', { paused: true })).json.pausedAt).toBe(first.pausedAt);
    expect((await owner('PATCH', '/keys/a', { paused: false })).json).toMatchObject({
      status: 'active',
      pausedAt: null,
    });
  });

  it('that make no sense are refused, and nothing is changed', async () => {
    await owner('POST', '/keys', { name: 'a' });
    const daily = { unit: 'tokens', amount: 5, period: 'day' };
    for (const [change, param] of [
      [{ limits: { requestsPerMinute: 0 } }, 'limits.requestsPerMinute'],
      [{ limits: { requestsPerMinute: 1.5 } }, 'limits.requestsPerMinute'],
      [{ limits: { budgets: [{ ...daily, amount: -1 }] } }, 'limits.budgets.0.amount'],
      [{ limits: { budgets: [{ ...daily, period: 'year' }] } }, 'limits.budgets.0.period'],
      [{ limits: { budgets: [daily, { ...daily, amount: 6 }] } }, 'limits.budgets'],
      [{ ips: ['10.0.0.0/33'] }, 'ips.0'],
      [{ ips: ['office'] }, 'ips.0'],
      [{ ips: [] }, 'ips'],
      [{ priority: 'highest' }, 'priority'],
      [{ limits: { rpm: 5 } }, 'rpm'],
    ] as const) {
      const { status, json } = await owner('PATCH', '/keys/a', change);
      expect([change, status, json.error.param]).toEqual([change, 400, param]);
    }
    expect((await owner('GET', '/keys/a')).json.limits).toEqual(none);
  });

  it('a money budget without prices is warned of', async () => {
    const request = { name: 'a', limits: { budgets: [{ unit: 'money', amount: 5, period: 'month' }] } };
    expect((await owner('POST', '/keys', request)).json.warnings).toEqual([expect.stringContaining('price')]);
    await owner('PUT', '/prices/*', { input: 1, output: 2 });
    expect((await owner('POST', '/keys', { ...request, name: 'b' })).json.warnings).toEqual([]);
    expect((await owner('GET', '/keys/a/spending')).json).toMatchObject({
      currency: 'EUR',
      accounts: [
        {
          model: null,
          running: 0,
          reserved: { tokens: 0, money: 0 },
          spent: {
            day: { tokens: 0, money: 0, until: '2026-11-23T00:00:00.000Z' },
            week: { until: '2026-11-23T00:00:00.000Z' },
            month: { until: '2026-12-01T00:00:00.000Z' },
            total: { until: null },
          },
        },
      ],
    });
  });
});

it('teams are made, changed, shown, paused and forgotten', async () => {
  await owner('POST', '/keys', { name: 'a', team: 'Support' });
  const made = await owner('PUT', '/teams/Support', { limits: { maxParallel: 4 } });
  expect(made.json).toEqual({
    name: 'Support',
    limits: { ...none, maxParallel: 4 },
    pausedAt: null,
    createdAt: '2026-11-22T12:00:00.000Z',
    keys: 1,
  });
  expect((await owner('PUT', '/teams/Support', { paused: true })).json).toMatchObject({
    limits: { maxParallel: 4 },
    pausedAt: '2026-11-22T12:00:00.000Z',
  });
  expect((await owner('GET', '/teams')).json).toHaveLength(1);
  expect((await owner('GET', '/teams/Support/spending')).json.accounts).toHaveLength(1);
  expect((await owner('DELETE', '/teams/Support')).status).toBe(204);
  for (const path of ['/teams/Support', '/teams/Support/spending']) {
    expect((await owner('GET', path)).json.error.code).toBe('team_not_found');
  }
});

it('a team takes its keys and its limits along to a new name, all or nothing', async () => {
  const { id } = (await owner('POST', '/keys', { name: 'a', team: 'Support' })).json;
  const other = (await owner('POST', '/keys', { name: 'b', team: 'Sales' })).json;
  await owner('POST', '/pairings', { person: 'Jonas', team: 'Support' });
  await owner('PUT', '/teams/Support', { limits: { maxParallel: 4 } });
  const taken = await owner('PUT', '/teams/Support', { name: 'Sales', paused: true });
  expect([taken.status, taken.json.error.param]).toEqual([409, 'name']);
  const unknownKey = await owner('PUT', '/teams/Support', { name: 'Help', join: [other.id, 'key_none'] });
  expect([unknownKey.status, unknownKey.json.error.param]).toEqual([404, 'join']);
  expect((await owner('GET', '/keys/b')).json.team).toBe('Sales');
  const moved = await owner('PUT', '/teams/Support', { name: 'Help', join: [other.id] });
  expect(moved.json).toMatchObject({ name: 'Help', keys: 2, limits: { maxParallel: 4 }, pausedAt: null });
  expect((await owner('GET', `/keys/${id}`)).json.team).toBe('Help');
  expect((await owner('GET', '/teams/Support')).status).toBe(404);
  await owner('PUT', '/teams/Help', { leave: [id] });
  expect((await owner('GET', `/keys/${id}`)).json.team).toBeNull();
  // Who is in another team meanwhile does not leave that one.
  await owner('PATCH', '/keys/a', { team: 'Sales' });
  await owner('PUT', '/teams/Help', { leave: [id] });
  expect((await owner('GET', `/keys/${id}`)).json.team).toBe('Sales');
});

it('what everybody has spent is one answer, without keys that have ended', async () => {
  const { id } = (await owner('POST', '/keys', { name: 'a', modelLimits: { m: { maxParallel: 1 } } })).json;
  await owner('POST', '/keys', { name: 'gone' });
  await owner('DELETE', '/keys/gone');
  await owner('PUT', '/teams/Support', { limits: { maxParallel: 4 } });
  const { json } = await owner('GET', '/spending');
  expect(json).toMatchObject({
    currency: 'EUR',
    keys: [{ id, accounts: [{ model: null }, { model: 'm', limits: { maxParallel: 1 } }] }],
    teams: [{ name: 'Support', accounts: [{ limits: { maxParallel: 4 } }] }],
  });
  const own = (await owner('GET', '/keys/a/spending')).json.accounts;
  expect(json.keys[0].accounts).toEqual(own);
});

it('prices and their currency are set by name', async () => {
  await owner('PUT', '/prices/org%2Fmodel', { input: 0.25, output: 1, notional: false });
  expect((await owner('GET', '/prices')).json).toEqual([
    { model: 'org/model', input: 0.25, output: 1, notional: false },
  ]);
  expect((await owner('PUT', '/prices/m', { input: -1, output: 1 })).status).toBe(400);
  expect((await owner('DELETE', '/prices/m')).json.error.code).toBe('price_not_found');
  expect((await owner('PUT', '/settings/money.currency', { value: 'usd' })).status).toBe(400);
  expect((await owner('PUT', '/settings/money.currency', { value: 'USD' })).json.value).toBe('USD');
});
