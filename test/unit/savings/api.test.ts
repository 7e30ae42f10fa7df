import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogRow } from '../../../server/core/log-row.ts';
import { newRequestId } from '../../../server/core/request-id.ts';
import { readUsage } from '../../../server/store/ledger/usage.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { readSavingsUsage } from '../../../server/store/savings/usage.ts';
import type { UsageRow } from '../../../server/wire/usage.ts';
import { savingsAnswer, type SavingsAnswer } from '../../../server/wire/savings.ts';
import { logRow, startAdminServer, type AdminServer } from '../admin/admin-server.ts';

let dir: string;
let server: AdminServer;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'inglenook-savings-'));
  server = await startAdminServer({ pricesDir: dir });
});
afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const put = (time: string, changes: Partial<LogRow> = {}): void => {
  insertRequest(server.store, logRow({ id: newRequestId(Date.parse(time)), time, ...changes }));
};
async function savings(query = ''): Promise<SavingsAnswer> {
  const answer = await server.asOwner('GET', `/api/savings${query}`);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return savingsAnswer.strict().parse(answer.json);
}
const million = 1_000_000;
const settings = (change: unknown) => server.asOwner('PUT', '/api/savings/settings', change);

describe('GET /api/savings', () => {
  it('says that it is an estimate, in dollars until a rate is set, with its assumptions as data', async () => {
    put('2026-11-10T10:00:00.000Z', { promptTokens: million, completionTokens: million });
    const answer = await savings();
    expect(answer).toMatchObject({ isEstimate: true, currency: 'USD', computer: null });
    expect(answer.rows).toMatchObject([{ group: '2026-11', requests: 1, comparedWith: ['gpt-4o-mini'] }]);
    // 0.15 + 0.60, and a quarter more or a fifth less.
    expect(answer.rows[0]?.cloud).toEqual({ best: 0.9375, likely: 0.75, worst: 0.6 });
    expect(answer.warnings.map(({ code }) => code)).toEqual(['exchange_rate_missing']);
    const ids = answer.assumptions.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(
      expect.arrayContaining(['cloud-price:gpt-4o-mini', 'token-ratio', 'watts-answering', 'hours-on']),
    );
    expect(answer.assumptions.find(({ id }) => id === 'cloud-price:gpt-4o-mini')?.asOf).toMatch(
      /^\d{4}-\d\d$/,
    );
  });

  it('leaves out what was sent outside, failed, or came from the cache, and compares vectors with vectors', async () => {
    const time = '2026-11-10T10:00:00.000Z';
    const inside = { promptTokens: million, completionTokens: 0 };
    put(time, { ...inside, leftOffice: 'openai', engine: 'openai', totalMs: 1_800_000 });
    put(time, { ...inside, status: 'error', httpStatus: 500 });
    put(time, { ...inside, status: 'cancelled' });
    put(time, { ...inside, cache: 'hit', totalMs: 1_800_000 });
    put(time, { ...inside, servedModel: 'nomic-embed-text', tried: ['nomic-embed-text'] });
    const { rows, leftOut, assumptions } = await savings('?by=model');
    expect(rows.map(({ group, cloud }) => [group, cloud.likely])).toEqual([
      ['fake-model', 0.15],
      ['nomic-embed-text', 0.02],
    ]);
    expect([leftOut.outside.requests, leftOut.failed.promptTokens]).toEqual([1, million]);
    // An answer of before saves nothing and takes no work.
    expect(leftOut.kept).toMatchObject({ requests: 1, promptTokens: million });
    expect(assumptions.find(({ id }) => id === 'left-out:kept')?.value).toBe(million);
    // This computer worked for the three others only, 80.3 ms each.
    const busy = assumptions.find(({ id }) => id === 'busy-hours')?.value;
    expect(busy).toMatchObject({ worst: expect.closeTo((3 * 80.3) / 3_600_000, 9) });
  });

  it('cuts months at the zone’s midnights, and takes months and days as well as times', async () => {
    put('2026-10-31T18:15:00.000Z', { promptTokens: 1 });
    put('2026-10-31T18:31:00.000Z', { promptTokens: 2 });
    const shown = (answer: SavingsAnswer) =>
      answer.rows.map(({ group, promptTokens }) => [group, promptTokens]);
    expect(shown(await savings('?zone=Asia/Kolkata'))).toEqual([
      ['2026-10', 1],
      ['2026-11', 2],
    ]);
    expect(shown(await savings('?zone=Asia/Kolkata&from=2026-11'))).toEqual([['2026-11', 2]]);
    expect(shown(await savings('?zone=UTC'))).toEqual([
      ['2026-10', 3],
      ['2026-11', 0],
    ]);
    expect(shown(await savings('?zone=UTC&to=2026-11-01'))).toEqual([['2026-10', 3]]);
    const wrong = await Promise.all(
      ['?zone=Mars/Olympus', '?from=2026-13', '?by=key', '?from=2026-11&to=2026-10'].map((query) =>
        server.asOwner('GET', `/api/savings${query}`),
      ),
    );
    expect(wrong.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });

  it('shares electricity by who kept the computer busy, and tells when it has paid for itself', async () => {
    const hour = 3_600_000;
    const busy = { totalMs: hour, queueMs: 0, atOnce: 1, promptTokens: 0, completionTokens: 100 * million };
    put('2026-10-10T10:00:00.000Z', { ...busy, person: 'Anna', totalMs: 3 * hour, queueMs: 2 * hour });
    put('2026-10-11T10:00:00.000Z', { ...busy, person: 'Ben' });
    put('2026-10-12T10:00:00.000Z', { ...busy, person: 'Ben' });
    const answer = await settings({
      exchangeRate: { perUsd: 0.5, asOf: '2026-11-20' },
      pricePerKwh: 0.3,
      watts: { answering: 1000, idle: 0, isMeasured: true },
      hoursOnPerDay: 0,
      tokenRatio: 1,
      computer: { price: 80, boughtOn: '2026-10-01' },
    });
    expect(answer.status).toBe(200);
    const { rows, currency, computer } = await savings('?by=person');
    expect(currency).toBe('EUR');
    expect(rows.map(({ group, electricity, cloud }) => [group, electricity.likely, cloud.likely])).toEqual([
      ['Ben', 0.6, 60],
      ['Anna', 0.3, 30],
    ]);
    expect(computer?.likely).toEqual({ state: 'paid', month: '2026-10', saved: 89.1 });
    expect((await savings('?from=2026-11')).computer).toEqual(computer);
  });

  it('counts overlapping answers once in the best case, and never more than the hour in the worst', async () => {
    for (const atOnce of [1, 2]) put('2026-11-10T10:00:00.000Z', { totalMs: 2_700_000, queueMs: 0, atOnce });
    const { assumptions } = await savings();
    expect(assumptions.find(({ id }) => id === 'busy-hours')?.value).toEqual({
      best: 0.75,
      likely: 0.875,
      worst: 1,
    });
  });

  it('answers without any request, and with none of the time asked for', async () => {
    expect((await savings()).rows).toEqual([]);
    put('2026-11-10T10:00:00.000Z');
    expect((await savings('?to=2026-01')).rows).toEqual([]);
    expect((await savings('?from=2027-01&by=team')).rows).toEqual([]);
  });
});

describe('the sums are those of usage', () => {
  it('for any requests, by each group', () => {
    const row = fc.record({
      minute: fc.integer({ min: 0, max: 90 * 1440 }),
      person: fc.constantFrom('Anna', 'Ben', null),
      team: fc.constantFrom('Design', null),
      servedModel: fc.constantFrom('a', 'b', null),
      status: fc.constantFrom('ok', 'error', 'cancelled'),
      leftOffice: fc.constantFrom(null, null, 'openai'),
      cache: fc.constantFrom(null, 'miss', 'hit'),
      promptTokens: fc.integer({ min: 0, max: 9999 }),
      completionTokens: fc.integer({ min: 0, max: 9999 }),
    } as const);
    const groups = fc.constantFrom('month', 'person', 'team', 'model');
    const zones = fc.constantFrom('UTC', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    fc.assert(
      fc.property(fc.array(row, { maxLength: 25 }), groups, zones, (rows, by, zone) => {
        const store = openStore(':memory:');
        for (const { minute, ...rest } of rows) {
          const timeMs = Date.parse('2026-08-20T00:00:00Z') + minute * 60_000;
          const time = new Date(timeMs).toISOString();
          const tried = rest.servedModel === null ? [] : [rest.servedModel];
          insertRequest(store, logRow({ id: newRequestId(timeMs), time, tried, ...rest }));
        }
        const nowMs = Date.parse('2026-11-22T12:00:00Z');
        const { cells, outside, failed, kept } = readSavingsUsage(store, {
          by,
          zone,
          fromMs: null,
          toMs: null,
          nowMs,
        });
        const usage = readUsage(store, {
          filters: {},
          dimensions: by === 'month' ? ['leftOffice', 'status'] : [by, 'leftOffice', 'status'],
          step: 'month',
          zone,
          fromMs: null,
          toMs: null,
        }).rows;
        const tally = (all: readonly (readonly [string, number])[]) => {
          const sums: Record<string, number> = {};
          for (const [name, tokens] of all) if (tokens > 0) sums[name] = (sums[name] ?? 0) + tokens;
          return sums;
        };
        const kindOf = (leftOffice: unknown, status: unknown): string =>
          leftOffice !== null ? 'outside' : status === 'error' ? 'failed' : 'inside';
        const tokensOf = (one: UsageRow): number => one.promptTokens + one.completionTokens;
        const keptTokens = usage.reduce(
          (sum, one) => sum + (one.leftOffice === null ? one.cacheHitTokens : 0),
          0,
        );
        expect(
          tally([
            ...cells.map((one) => [`inside ${one.group}`, one.promptTokens + one.completionTokens] as const),
            ['outside', outside.promptTokens + outside.completionTokens],
            ['failed', failed.promptTokens + failed.completionTokens],
            ['kept', kept.promptTokens + kept.completionTokens],
          ]),
        ).toEqual(
          tally([
            ['kept', keptTokens],
            ...usage.map((one) => {
              const kind = kindOf(one.leftOffice, one.status);
              const name = kind === 'inside' ? `inside ${one[by]}` : kind;
              return [name, tokensOf(one) - (kind === 'outside' ? 0 : one.cacheHitTokens)] as const;
            }),
          ]),
        );
        closeStore(store);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what it rests on', () => {
  it('is set part by part, one number or three, and null takes ours again', async () => {
    expect((await settings({ tokenRatio: { worst: 0.9, likely: 1, best: 1.1 } })).status).toBe(200);
    expect((await settings({ hardware: 'laptop', hoursOnPerDay: 5 })).json).toMatchObject({
      tokenRatio: { best: 1.1 },
      hoursOnPerDay: { best: 5, likely: 5, worst: 5 },
      hardware: 'laptop',
      currency: null,
    });
    expect((await settings({ tokenRatio: null })).json.tokenRatio).toBeNull();
    expect((await server.asOwner('GET', '/api/savings/settings')).json.hardware).toBe('laptop');
  });

  it.each([
    [{ tokenRatio: { worst: 1.2, likely: 1, best: 0.9 } }],
    [{ hoursOnPerDay: 25 }],
    [{ watts: { answering: 10, idle: 20 } }],
    [{ compareWith: { default: 'no-such-model' } }],
    [{ compareWith: { models: { local: 'no-such-model' } } }],
    [{ pricePerKwh: 0.3 }],
    [{ computer: { price: 1000, boughtOn: '2026-02-30' } }],
    [{ typo: 1 }],
  ])('refuses %j and keeps what was', async (change) => {
    const { status, json } = await settings(change);
    expect([status, json.error.type]).toEqual([400, expect.any(String)]);
    expect((await server.asOwner('GET', '/api/savings/settings')).json.pricePerKwh).toBeNull();
  });

  it('forgets amounts of another currency, and says so', async () => {
    await settings({ exchangeRate: { perUsd: 0.9, asOf: '2026-11-20' }, pricePerKwh: 0.3 });
    await server.asOwner('PUT', '/api/settings/money.currency', { value: 'CHF' });
    const { currency, warnings } = await savings();
    expect([currency, warnings.map(({ code }) => code)]).toEqual([
      'USD',
      ['currency_changed', 'exchange_rate_missing'],
    ]);
    const { json } = await settings({ exchangeRate: { perUsd: 0.8, asOf: '2026-11-22' } });
    expect([json.currency, json.pricePerKwh]).toEqual(['CHF', null]);
  });

  it('is written to the audit', async () => {
    await settings({ hardware: 'desktop' });
    await server.asOwner('DELETE', '/api/cloud-prices');
    const { json } = await server.asOwner('GET', '/api/audit');
    const acts = JSON.stringify(json);
    expect([acts.includes('savings.set'), acts.includes('cloud-prices.reset')]).toEqual([true, true]);
  });
});

describe('the price list', () => {
  const ownFile = () => join(dir, 'cloud-prices.json');
  const own = {
    about: '',
    currency: 'USD',
    prices: [
      {
        id: 'mine',
        name: 'Mine',
        provider: 'Us',
        kind: 'chat',
        input: 1,
        cachedInput: null,
        output: 2,
        date: '2026-11',
        source: 'An offer of the 3rd of November.',
      },
    ],
  };
  const list = () => server.asOwner('GET', '/api/cloud-prices');

  it('may be the owner’s own, by the API or by an editor, and goes back to ours', async () => {
    expect((await list()).json).toMatchObject({ from: 'bundled', problem: null });
    expect((await server.asOwner('PUT', '/api/cloud-prices', own)).json).toEqual({
      ...own,
      from: 'own',
      problem: null,
    });
    const text = await readFile(ownFile(), 'utf8');
    await writeFile(ownFile(), `\uFEFF${text.replace('"output": 2', '"output": 3')}`);
    expect((await list()).json.prices[0].output).toBe(3);
    // What was compared with before is not in the new list.
    expect((await savings()).warnings.map(({ code }) => code)).toContain('compared_model_missing');
    expect((await settings({ compareWith: { default: 'mine', embeddings: 'mine' } })).status).toBe(200);
    expect((await savings()).warnings.map(({ code }) => code)).toEqual(['exchange_rate_missing']);
    expect((await server.asOwner('DELETE', '/api/cloud-prices')).json.from).toBe('bundled');
    await expect(readFile(ownFile())).rejects.toThrow('ENOENT');
  });

  it.each([
    ['{"currency": "USD",', 'it is not JSON'],
    [
      JSON.stringify({ ...own, prices: [{ ...own.prices[0], output: '2' }] }),
      '“mine”: output: a price, such as',
    ],
    [
      JSON.stringify({ ...own, prices: [{ ...own.prices[0], date: 'May' }] }),
      '“mine”: date: a month such as',
    ],
    [JSON.stringify({ ...own, prices: [...own.prices, ...own.prices] }), 'prices: each id only once'],
    [JSON.stringify({ ...own, prices: [] }), 'prices: at least one price'],
    [
      JSON.stringify({ ...own, prices: [{ ...own.prices[0], cachedInput: 5 }] }),
      'cachedInput: not more than input',
    ],
  ])('that is broken is named, and ours is used: %s', async (text, sentence) => {
    await writeFile(ownFile(), text);
    const { json } = await list();
    expect(json.from).toBe('bundled');
    expect(json.problem).toContain(sentence);
    expect(json.problem).toContain(ownFile());
    expect((await savings()).warnings.map(({ code }) => code)).toContain('cloud_prices_broken');
  });

  it('attack 73: that is broken is refused by the API, and the one before stays', async () => {
    await server.asOwner('PUT', '/api/cloud-prices', own);
    const { status } = await server.asOwner('PUT', '/api/cloud-prices', { ...own, prices: [] });
    expect([status, (await list()).json.prices[0].id]).toEqual([400, 'mine']);
  });
});
