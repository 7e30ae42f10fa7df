import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { monthLevel } from '../../../server/store/ledger/levels.ts';
import type { WireLogRow } from '../../../server/wire/admin.ts';
import type { SpendingOverview } from '../../../server/wire/limits.ts';
import { failureKinds, failureOf } from '../../../server/wire/failures.ts';
import type { RequestsCount, RequestsPage, UsageAnswer, UsageRow } from '../../../server/wire/usage.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { parseMetrics, sumOf, type Sample } from '../out/metrics-text.ts';
import { readCsv } from './read-csv.ts';

/** What every view of the same requests must agree on; money in billionths. */
type Sums = Record<(typeof names)[number], number>;
const names = [
  ...(['requests', 'ok', 'error', 'cancelled', 'refused'] as const),
  ...(['prompt', 'cached', 'completion', 'cost', 'hits', 'hitTokens'] as const),
];
const statuses = ['ok', 'error', 'cancelled', 'refused'] as const;

const ways = [
  ...(['answered', 'streamed', 'breaks off', 'fails', 'goes away', 'asked again'] as const),
  ...(['falls back', 'embeds', 'no key', 'no model', 'over budget'] as const),
];
const visit = fc.record({
  way: fc.constantFrom(...ways),
  key: fc.constantFrom('anna', 'ben', 'shared'),
  model: fc.constantFrom('a', 'b'),
  words: fc.integer({ min: 1, max: 6 }),
});
type Visit = typeof visit extends fc.Arbitrary<infer One> ? One : never;
type Office = Awaited<ReturnType<typeof startOffice>>;

it('log, sums, charts, exports, budgets and Prometheus tell the same, whatever a random workload does', async () => {
  const office = await startOffice();
  await fc.assert(
    fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 14 }), async (visits) => {
      await Promise.all(visits.map((one) => pay(office, one)));
      await expectEqual(office);
    }),
    // Each way comes at least twice: what is asked again is answered from the cache then.
    { numRuns: 12, examples: [everyWay('anna', 'a'), everyWay('anna', 'a'), everyWay('ben', 'b')] },
  );
  const all = sumRows(await office.log());
  for (const name of names) expect([name, all[name] > 0]).toEqual([name, true]);
});

it('tells of a flood of wrong keys how many were turned away, beside the rows, the same here and there', async () => {
  const { server, api, metrics } = await startOffice();
  const knocks = 400;
  const knock = async (): Promise<number> => {
    const response = await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-ink_none', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'a', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    await response.text();
    return response.status;
  };
  const answered: number[] = [];
  while (answered.length < knocks) answered.push(...(await Promise.all(Array.from({ length: 20 }, knock))));
  // Thirty in a minute, and then the edge has it wait.
  const expected = answered.map((_, index) => (index < 30 ? 401 : 429));
  expect(answered.toSorted((a, b) => a - b)).toEqual(expected);
  const { rows, turnedAway } = (await api('/usage')) as UsageAnswer;
  // Some 300 get a row each, and one more every second.
  expect(turnedAway).toBeGreaterThan(0);
  expect((rows[0]?.requests ?? 0) + turnedAway).toBe(knocks);
  const samples = parseMetrics(await metrics());
  expect(sumOf(samples, 'inglenook_turned_away_requests_total')).toBe(turnedAway);
  expect(sumOf(samples, 'inglenook_requests_total')).toBe(rows[0]?.requests);
});

function everyWay(key: Visit['key'], model: Visit['model']): [Visit[]] {
  return [ways.map((way) => ({ way, key, model, words: 3 }))];
}

async function expectEqual(office: Office): Promise<void> {
  await settled(office.server);
  const rows = await office.log();
  const all = sumRows(rows);

  expect(office.levels()).toEqual(Array.from({ length: monthLevel + 1 }, (_, level) => level));
  for (const level of office.levels()) expect([level, office.sumsOf(level)]).toEqual([level, all]);

  for (const by of [
    '',
    'hour',
    'day',
    'person,model',
    'day,key',
    'status',
    'engine,leftOffice',
    'failure',
    'day,failure',
    'month,team',
  ]) {
    const { rows: told } = (await office.api(`/usage?by=${by}&zone=Asia/Kolkata`)) as UsageAnswer;
    expect([by, sumUsage(told)]).toEqual([by, all]);
  }

  const { rows: byFailure } = (await office.api('/usage?by=failure')) as UsageAnswer;
  expect(Object.fromEntries(byFailure.map(({ failure, requests }) => [failure, requests]))).toEqual(
    Object.fromEntries([...Map.groupBy(rows, failureOf)].map(([failure, own]) => [failure, own.length])),
  );
  for (const failure of failureKinds) {
    const { count, isWhole } = (await office.api(`/requests/count?failure=${failure}`)) as RequestsCount;
    const page = (await office.api(`/requests?failure=${failure}&limit=1000`)) as RequestsPage;
    const own = rows.filter((row) => failureOf(row) === failure);
    expect([count, isWhole, page.requests.length]).toEqual([own.length, true, own.length]);
  }

  const json = JSON.parse(await office.text('/requests/export?format=json')) as WireLogRow[];
  expect(sumRows(json)).toEqual(all);
  expect(sumCsv(readCsv(await office.text('/requests/export?format=csv')))).toEqual(all);
  const table = readCsv(await office.text('/usage?by=day,model&format=csv'));
  expect(table.reduce((sum, row) => sum + Number(row['requests']), 0)).toBe(all.requests);

  const samples = parseMetrics(await office.metrics());
  expect(sumSamples(samples)).toEqual(all);
  for (const model of ['a', 'b', '']) {
    const ofModel = sumRows(rows.filter((row) => (row.servedModel ?? row.tried.at(-1) ?? '') === model));
    expect([model, sumSamples(samples, { model })]).toEqual([model, { ...ofModel, hits: 0, hitTokens: 0 }]);
  }

  const spending = (await office.api('/spending')) as SpendingOverview;
  for (const { id, accounts } of spending.keys) {
    const ofKey = sumRows(rows.filter(({ keyId }) => keyId === id));
    expect([id, spentOf(accounts)]).toEqual([id, billed(ofKey)]);
  }
  for (const { name, accounts } of spending.teams) {
    const ofTeam = sumRows(rows.filter(({ team }) => team === name));
    expect([name, spentOf(accounts)]).toEqual([name, billed(ofTeam)]);
  }
  expect(spending.teams.map(({ name }) => name)).toEqual(['Web']);
}

async function startOffice() {
  const server = await startComposed({
    engine: {
      models: ['a', 'b'],
      answer: ({ messages }) => {
        const words = JSON.stringify(messages).match(/word/gu) ?? [];
        return { words: words.map(() => ' a'), promptTokens: 7 + words.length, cachedTokens: words.length };
      },
      beforePart: (index, { model, messages }) => {
        const said = JSON.stringify(messages);
        if (said.includes('fails') || (said.includes('falls back') && model === 'a'))
          throw new Error('broken');
        if (said.includes('breaks off') && index === 2) throw new Error('broken');
        return said.includes('goes away') && index === 2 ? new Promise(() => {}) : undefined;
      },
    },
  });
  const make = async (wish: object): Promise<string> =>
    ((await server.admin('POST', '/keys', wish)) as { readonly key: string }).key;
  const budgets = (amount: number) => ({ budgets: [{ unit: 'tokens', amount, period: 'total' }] });
  await server.admin('PUT', '/teams/Web', { limits: budgets(1e12) });
  const keys = {
    anna: await make({ name: 'anna', person: 'Anna', team: 'Web', limits: budgets(1e12) }),
    ben: await make({ name: '=ben', person: 'Ben', team: 'Web' }),
    shared: await make({ name: 'shared' }),
    poor: await make({ name: 'poor', limits: budgets(1) }),
    ops: await make({ name: 'prometheus', role: 'ops' }),
  };
  await server.admin('PUT', '/prices/a', { input: 1, output: 2.5 });
  await server.admin('PUT', '/settings/cache.enabled', { value: true });
  await server.admin('PUT', '/aliases/office', { model: 'a', fallback: ['b'] });

  const database = new Database(join(server.dataDir, 'inglenook.db'), { readonly: true });
  onTestFinished(() => void database.close());
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const get = async (path: string, key: string): Promise<string> => {
    const response = await fetch(`${server.address}${path}`, { headers: { authorization: `Bearer ${key}` } });
    expect([path, response.status]).toEqual([path, 200]);
    return await response.text();
  };
  const text = (path: string): Promise<string> => get(`/api${path}`, token);
  return {
    server,
    keys,
    text,
    api: async (path: string): Promise<unknown> => JSON.parse(await text(path)),
    log: async () => JSON.parse(await text('/log?limit=1000')) as readonly WireLogRow[],
    metrics: () => get('/metrics', keys.ops),
    levels: () =>
      database.prepare('SELECT DISTINCT level FROM rollups ORDER BY level').pluck().all() as number[],
    sumsOf: (level: number) => sumsOfLevel(database, level),
  };
}

/** Straight from the tables, without any of our own reading. */
function sumsOfLevel(database: Database.Database, level: number): Sums {
  const lines = database
    .prepare(
      `SELECT g.status, g.cache_hit AS hit, r.requests, r.prompt_tokens AS prompt, r.cached_tokens AS cached,
         r.completion_tokens AS completion, r.cost_nanos AS cost
       FROM rollups AS r JOIN request_groups AS g ON g.id = r.group_id WHERE r.level = ?`,
    )
    .all(level) as {
    readonly status: (typeof statuses)[number];
    readonly hit: 0 | 1;
    readonly requests: number;
    readonly prompt: number;
    readonly cached: number;
    readonly completion: number;
    readonly cost: number;
  }[];
  return added(
    lines.map(({ status, hit, requests, ...sums }) => ({
      ...nothing,
      ...sums,
      requests,
      [status]: requests,
      hits: hit * requests,
      hitTokens: hit * (sums.prompt + sums.completion),
    })),
  );
}

async function pay({ server, keys }: Office, { way, key, model, words }: Visit): Promise<void> {
  const shown = way === 'no key' ? 'sk-ink_none' : keys[way === 'over budget' ? 'poor' : key];
  const asked = { 'no model': 'nobody-has-this', 'falls back': 'office' }[way as string] ?? model;
  const content = `${way} ${'word '.repeat(words)}`;
  const stream = way === 'streamed' || way === 'breaks off' || way === 'goes away';
  // What is asked again with loaded dice comes from the cache from the second time on.
  const dice = way === 'asked again' ? { temperature: 0 } : {};
  const body =
    way === 'embeds'
      ? { model: asked, input: content }
      : { model: asked, stream, ...dice, messages: [{ role: 'user', content }] };
  const gone = new AbortController();
  const response = await fetch(
    `${server.address}/v1/${way === 'embeds' ? 'embeddings' : 'chat/completions'}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${shown}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: gone.signal,
    },
  );
  if (way !== 'goes away' || response.body === null) return void (await response.text());
  const reader = response.body.getReader();
  await reader.read();
  gone.abort();
  await reader.read().catch(() => undefined);
}

/** Clients that have gone are noticed a moment later. */
async function settled({ admin }: ComposedServer): Promise<void> {
  const active = async (): Promise<number> =>
    ((await admin('GET', '/status')) as { readonly activeRequests: number }).activeRequests;
  await expect.poll(active, { interval: 2, timeout: 5_000 }).toBe(0);
}

const nothing: Sums = {
  requests: 0,
  ok: 0,
  error: 0,
  cancelled: 0,
  refused: 0,
  prompt: 0,
  cached: 0,
  completion: 0,
  cost: 0,
  hits: 0,
  hitTokens: 0,
};

function added(all: readonly Sums[]): Sums {
  const sums = { ...nothing };
  for (const one of all) for (const name of names) sums[name] += one[name];
  return sums;
}

const nanos = (money: number): number => Math.round(money * 1e9);

function sumRows(rows: readonly WireLogRow[]): Sums {
  return added(
    rows.map((row) => ({
      ...nothing,
      requests: 1,
      [row.status]: 1,
      prompt: row.promptTokens,
      cached: row.cachedTokens,
      completion: row.completionTokens,
      cost: row.costNanos ?? 0,
      hits: row.cache === 'hit' ? 1 : 0,
      hitTokens: row.cache === 'hit' ? row.promptTokens + row.completionTokens : 0,
    })),
  );
}

function sumCsv(rows: readonly Record<string, string>[]): Sums {
  return added(
    rows.map((row) => {
      const [prompt, completion] = [Number(row['promptTokens']), Number(row['completionTokens'])];
      return {
        ...nothing,
        requests: 1,
        [row['status'] ?? '']: 1,
        prompt,
        completion,
        cached: Number(row['cachedTokens']),
        cost: Number(row['costNanos']),
        hits: row['cache'] === 'hit' ? 1 : 0,
        hitTokens: row['cache'] === 'hit' ? prompt + completion : 0,
      };
    }),
  );
}

function sumUsage(rows: readonly UsageRow[]): Sums {
  return added(
    rows.map((row) => ({
      requests: row.requests,
      ok: row.ok,
      error: row.errors,
      cancelled: row.cancelled,
      refused: row.refused,
      prompt: row.promptTokens,
      cached: row.cachedTokens,
      completion: row.completionTokens,
      cost: nanos(row.cost),
      hits: row.cacheHits,
      hitTokens: row.cacheHitTokens,
    })),
  );
}

function sumSamples(samples: readonly Sample[], labels: Record<string, string> = {}): Sums {
  const sum = (name: string, more: Record<string, string> = {}): number =>
    sumOf(samples, `inglenook_${name}`, { ...labels, ...more });
  return {
    ...nothing,
    requests: sum('requests_total'),
    ...Object.fromEntries(statuses.map((status) => [status, sum('requests_total', { status })])),
    prompt: sum('prompt_tokens_total'),
    cached: sum('cached_tokens_total'),
    completion: sum('completion_tokens_total'),
    cost: nanos(sum('cost_total')),
    hits: sum('cache_hits_total'),
    hitTokens: sum('cache_hit_tokens_total'),
  };
}

type Billed = { readonly tokens: number; readonly nanos: number };

/** Answers of before count in no budget. */
function billed({ prompt, completion, hitTokens, cost }: Sums): Billed {
  return { tokens: prompt + completion - hitTokens, nanos: cost };
}

function spentOf(accounts: SpendingOverview['keys'][number]['accounts']): Billed {
  const [own] = accounts.filter(({ model }) => model === null);
  expect(own?.reserved).toEqual({ tokens: 0, money: 0 });
  return { tokens: own?.spent.total.tokens ?? -1, nanos: nanos(own?.spent.total.money ?? -1) };
}
