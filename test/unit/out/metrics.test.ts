import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogRow } from '../../../server/core/log-row.ts';
import { createMetrics, type MetricSources } from '../../../server/out/metrics/metrics.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { parseMetrics, sumOf, type Sample } from './metrics-text.ts';
import { freshRow } from './rows.ts';

async function makeKey(server: ComposedServer, wish: object): Promise<string> {
  const made = (await server.admin('POST', '/keys', wish)) as { readonly key: string };
  return made.key;
}

async function scrape(server: ComposedServer, key: string): Promise<Sample[]> {
  const response = await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return parseMetrics(await response.text());
}

const fates = [
  ...(['ok', 'stream', 'breaks', 'cancelled'] as const),
  ...(['no key', 'no model', 'over budget', 'embeds'] as const),
];
/** One request of a random workload, and how it goes. */
const visit = fc.record({
  fate: fc.constantFrom(...fates),
  model: fc.constantFrom('fake-model', 'other-model'),
  words: fc.integer({ min: 1, max: 6 }),
});
type Visit = typeof visit extends fc.Arbitrary<infer Value> ? Value : never;

describe('/metrics', () => {
  it('sums equal the log’s, whatever a random workload does', async () => {
    const server = await startComposed({
      engine: {
        models: ['fake-model', 'other-model'],
        answer: ({ messages }) => {
          const words = JSON.stringify(messages).match(/word/gu) ?? [];
          return { words: words.map(() => ' a'), promptTokens: 7 + words.length, cachedTokens: words.length };
        },
        beforePart: (index, { messages }) => {
          const said = JSON.stringify(messages);
          if (said.includes('breaks') && index === 2) throw new Error('broken');
          return said.includes('cancelled') && index === 2 ? new Promise(() => {}) : undefined;
        },
      },
    });
    const keys = {
      usual: await makeKey(server, { name: 'usual' }),
      poor: await makeKey(server, {
        name: 'poor',
        limits: { budgets: [{ unit: 'tokens', amount: 1, period: 'total' }] },
      }),
      ops: await makeKey(server, { name: 'prometheus', role: 'ops' }),
    };
    await server.admin('PUT', '/settings/metrics.perKey', { value: true });
    await server.admin('PUT', '/prices/fake-model', { input: 1, output: 2 });

    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 12 }), async (visits) => {
        await Promise.all(visits.map(async (one) => await pay(server, keys, one)));
        await settled(server);
        const samples = await scrape(server, keys.ops);
        const rows = (await server.admin('GET', '/log?limit=100000')) as readonly LogRow[];
        expect(totalsOf(samples)).toEqual(totalsOfRows(rows));
      }),
      // Each way a request can go comes at least once.
      { numRuns: 12, examples: [[fates.map((fate) => ({ fate, model: 'other-model', words: 3 }))]] },
    );
    const samples = await scrape(server, keys.ops);
    for (const status of statuses) {
      expect(sumOf(samples, 'inglenook_requests_total', { status }), status).toBeGreaterThan(0);
    }
    expect([
      sumOf(samples, 'inglenook_requests_in_flight'),
      sumOf(samples, 'inglenook_log_unwritten_rows'),
      sumOf(samples, 'inglenook_queue_active'),
      sumOf(samples, 'inglenook_queue_slots') > 0,
      sumOf(samples, 'nodejs_eventloop_lag_p99_seconds') >= 0,
      sumOf(samples, 'process_resident_memory_bytes') > 0,
    ]).toEqual([0, 0, 0, true, true, true]);
  });

  it('is for the owner and for keys with the role ops, and for nobody else', async () => {
    const server = await startComposed();
    const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
    const ops = await makeKey(server, { name: 'prometheus', role: 'ops' });
    const elsewhere = await makeKey(server, { name: 'away', role: 'ops', ips: ['192.0.2.0/24'] });
    const usual = await makeKey(server, { name: 'usual' });
    const status = async (headers: Record<string, string>, path = '/metrics', method = 'GET') =>
      (await fetch(`${server.address}${path}`, { method, headers })).status;
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    expect(
      await Promise.all([status(bearer(ops)), status(bearer(adminToken)), status({ 'x-api-key': ops })]),
    ).toEqual([200, 200, 200]);
    expect(
      await Promise.all([
        status({}),
        status(bearer(`${adminToken}x`)),
        status(bearer(usual)),
        status(bearer(elsewhere)),
        status({}, `/metrics?key=${ops}`),
        status(bearer(ops), '/metrics', 'POST'),
      ]),
    ).toEqual([401, 401, 403, 403, 400, 405]);
    const refused = await fetch(`${server.address}/metrics`, { headers: bearer(usual) });
    expect(await refused.json()).toMatchObject({
      error: { code: 'role_not_allowed', message: expect.stringContaining('--role ops') },
    });
  });

  it('tells nobody’s name unless it is asked to', async () => {
    const server = await startComposed();
    const ops = await makeKey(server, { name: 'prometheus', role: 'ops' });
    const key = await makeKey(server, { name: 'Anna’s laptop', person: 'Anna' });
    await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'canary-name', messages: [{ role: 'user', content: 'canary-prompt' }] }),
    });
    const text = await (
      await fetch(`${server.address}/metrics`, { headers: { authorization: `Bearer ${ops}` } })
    ).text();
    expect(text).not.toMatch(/Anna|canary|sk-ink/);
    expect(sumOf(parseMetrics(text), 'inglenook_requests_total', { status: 'refused', model: '' })).toBe(1);
  });

  it('tells how an export is doing', async () => {
    const server = await startComposed();
    const ops = await makeKey(server, { name: 'prometheus', role: 'ops' });
    await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: 'http://127.0.0.1:1' });
    const samples = await scrape(server, ops);
    expect(sumOf(samples, 'inglenook_export_backlog_rows', { export: 'traces' })).toBe(0);
    expect(sumOf(samples, 'inglenook_export_up', { export: 'traces' })).toBe(1);
  });
});

describe('labels', () => {
  const sources: MetricSources = {
    version: '0.1.0',
    inFlight: () => 0,
    queues: () => [],
    ledger: { state: () => ({ unwritten: 0, lost: 0 }), turnedAway: () => 0 },
    exports: () => [],
    perKey: () => true,
  };

  it('stay few, however many names there are, and no request is lost over it', async () => {
    const metrics = createMetrics(sources);
    for (let index = 0; index < 700; index += 1) {
      metrics.add(
        freshRow({
          servedModel: `model-${index}`,
          engine: `engine-${index}`,
          route: `/v1/${index}`,
          key: `key-${index}`,
          status: 'error',
          error: `code_${index}: It went wrong.`,
        }),
      );
    }
    const samples = parseMetrics(await metrics.text());
    expect(sumOf(samples, 'inglenook_requests_total')).toBe(700);
    expect(sumOf(samples, 'inglenook_key_requests_total')).toBe(700);
    const values = (name: string, label: string): number =>
      new Set(samples.filter((one) => one.name === name).map(({ labels }) => labels[label])).size;
    expect([
      values('inglenook_requests_total', 'model'),
      values('inglenook_requests_total', 'engine'),
      values('inglenook_requests_total', 'route'),
      values('inglenook_key_requests_total', 'key'),
      values('inglenook_failures_total', 'reason'),
    ]).toEqual([201, 101, 41, 501, 101]);
  });

  it('hold any text in the format', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (wild) => {
        const metrics = createMetrics(sources);
        metrics.add(freshRow({ servedModel: wild, key: wild }));
        const samples = parseMetrics(await metrics.text());
        expect(sumOf(samples, 'inglenook_key_requests_total', { key: wild })).toBe(1);
      }),
      { numRuns: 50 },
    );
  });
});

async function pay(
  server: ComposedServer,
  keys: { readonly usual: string; readonly poor: string },
  { fate, model, words }: Visit,
): Promise<void> {
  const key = fate === 'over budget' ? keys.poor : fate === 'no key' ? 'sk-ink_none' : keys.usual;
  const gone = new AbortController();
  const content = `${fate} ${'word '.repeat(words)}`;
  const isStream = fate === 'stream' || fate === 'cancelled' || fate === 'breaks';
  const asked = fate === 'no model' ? 'nobody-has-this' : model;
  const body =
    fate === 'embeds'
      ? { model: asked, input: content }
      : { model: asked, stream: isStream, messages: [{ role: 'user', content }] };
  const path = fate === 'embeds' ? '/v1/embeddings' : '/v1/chat/completions';
  const response = await fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: gone.signal,
  });
  if (fate !== 'cancelled' || response.body === null) return void (await response.text());
  const reader = response.body.getReader();
  await reader.read();
  gone.abort();
  await reader.read().catch(() => undefined);
}

/** Clients that have gone are noticed a moment later. */
async function settled(server: ComposedServer): Promise<void> {
  for (;;) {
    const { activeRequests } = (await server.admin('GET', '/status')) as { readonly activeRequests: number };
    if (activeRequests === 0) return;
    await new Promise((resolve) => void setTimeout(resolve, 2));
  }
}

type Totals = Readonly<Record<string, number>>;
const statuses = ['ok', 'error', 'cancelled', 'refused'] as const;
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

function totalsOf(samples: readonly Sample[]): Totals {
  const sum = (name: string, labels: Record<string, string> = {}): number =>
    rounded(sumOf(samples, `inglenook_${name}`, labels));
  return {
    ...Object.fromEntries(statuses.map((status) => [status, sum('requests_total', { status })])),
    other: sum('requests_total', { model: 'other-model' }),
    embeddings: sum('requests_total', { route: '/v1/embeddings', code: '2xx' }),
    prompt: sum('prompt_tokens_total'),
    cached: sum('cached_tokens_total'),
    completion: sum('completion_tokens_total'),
    cost: sum('cost_total'),
    budget: sum('budget_refusals_total'),
    failures: sum('failures_total'),
    durations: sum('request_duration_seconds_count'),
    seconds: sum('request_duration_seconds_sum'),
    queued: sum('queue_wait_seconds_sum'),
    firstTokens: sum('time_to_first_token_seconds_count'),
    ofUsual: sum('key_requests_total', { key: 'usual' }),
    tokensOfUsual:
      sum('key_prompt_tokens_total', { key: 'usual' }) + sum('key_completion_tokens_total', { key: 'usual' }),
  };
}

function totalsOfRows(rows: readonly LogRow[]): Totals {
  const count = (isMeant: (row: LogRow) => boolean): number => rows.filter(isMeant).length;
  const sum = (value: (row: LogRow) => number): number =>
    rounded(rows.reduce((all, row) => all + value(row), 0));
  const failed = ({ status }: LogRow): boolean => status === 'error' || status === 'refused';
  return {
    ...Object.fromEntries(statuses.map((status) => [status, count((row) => row.status === status)])),
    other: count((row) => (row.servedModel ?? row.tried.at(-1)) === 'other-model'),
    embeddings: count((row) => row.route === '/v1/embeddings' && row.httpStatus < 300),
    prompt: sum((row) => row.promptTokens),
    cached: sum((row) => row.cachedTokens),
    completion: sum((row) => row.completionTokens),
    cost: sum((row) => (row.costNanos ?? 0) / 1e9),
    budget: count((row) => row.error?.startsWith('insufficient_quota') === true),
    failures: count(failed),
    durations: rows.length,
    seconds: sum((row) => row.totalMs / 1000),
    queued: sum((row) => row.queueMs / 1000),
    firstTokens: count((row) => row.firstTokenMs !== null),
    ofUsual: count((row) => row.key === 'usual'),
    tokensOfUsual: sum((row) => (row.key === 'usual' ? row.promptTokens + row.completionTokens : 0)),
  };
}
