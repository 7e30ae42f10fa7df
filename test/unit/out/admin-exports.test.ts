import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../../server/core/clock.ts';
import { AppError } from '../../../server/core/errors.ts';
import type { Contents } from '../../../server/out/content.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { testExports } from '../../fakes/exports.ts';
import type { AuditRecord } from '../../../server/wire/audit.ts';
import { exportList, exportRecord, exportTest } from '../../../server/wire/exports.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startAdminServer } from '../admin/admin-server.ts';
import { startCollector, type Collector } from './collector.ts';
import { throughProtobuf, type DecodedSpan } from './otlp-protobuf.ts';
import { freshRow } from './rows.ts';

it('the admin API makes, lists, tries and removes exports, and never shows a secret', async () => {
  const server = await startAdminServer();
  try {
    const collector = await startCollector();
    const body = { kind: 'otlp', url: collector.url, headers: { authorization: 'secret-1' }, people: false };
    const made = await server.asOwner('PUT', '/api/exports/traces', body);
    expect([made.status, exportRecord.parse(made.json)]).toEqual([
      200,
      expect.objectContaining({ name: 'traces', kind: 'otlp', people: false, hasSecret: true, backlog: 0 }),
    ]);
    const listed = await server.asOwner('GET', '/api/exports');
    expect(exportList.parse(listed.json)).toEqual([made.json]);
    const tried = await server.asOwner('POST', '/api/exports/traces/test');
    expect(exportTest.parse(tried.json)).toMatchObject({ works: true, reason: null });
    expect(collector.received.map(({ path, body: sent }) => [path, sent])).toEqual([
      ['/v1/traces', '{"resourceSpans":[]}'],
    ]);
    const audit = await server.asOwner('GET', '/api/audit');
    expect(made.text + listed.text + tried.text + audit.text + server.logged.join('\n')).not.toContain(
      'secret-1',
    );
    expect(audit.text).toContain('export.set');
    const removed = await server.asOwner('DELETE', '/api/exports/traces');
    expect([removed.status, (await server.asOwner('GET', '/api/exports')).json]).toEqual([204, []]);
  } finally {
    await server.close();
  }
});

it.each([
  ['PUT', '/api/exports/Not%20a%20name', { kind: 'otlp', url: 'http://127.0.0.1' }, 400],
  ['PUT', '/api/exports/x', { kind: 'carrier-pigeon', url: 'http://127.0.0.1' }, 400],
  ['PUT', '/api/exports/x', { kind: 'otlp', url: 'http://127.0.0.1', password: 'not here' }, 400],
  ['PUT', '/api/exports/x', { kind: 'otlp', url: 'http://127.0.0.1', headers: { 'a b': 'c' } }, 400],
  ['PUT', '/api/exports/x', { kind: 'otlp', url: 'http://127.0.0.1', headers: { a: 'b\r\nc: d' } }, 400],
  ['PUT', '/api/exports/x', { kind: 'langfuse', url: 'http://127.0.0.1' }, 400],
  ['POST', '/api/exports/x/test', undefined, 404],
  ['DELETE', '/api/exports/x', undefined, 404],
] as const)('%s %s %j is refused', async (method, path, body, status) => {
  const server = await startAdminServer();
  try {
    const answer = await server.asOwner(method, path, body);
    expect([answer.status, typeof answer.json.error.message]).toEqual([status, 'string']);
    expect((await server.asOwner('GET', '/api/exports')).json).toEqual([]);
  } finally {
    await server.close();
  }
});

async function ask(server: ComposedServer, key: string, content: string): Promise<number> {
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content }] }),
  });
  await response.text();
  return response.status;
}

it('the whole server sends what it has answered, without a word of what was said and without the key', async () => {
  const collector = await startCollector();
  const server = await startComposed({ engine: { answer: { words: ['canary-answer'] } } });
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna', person: 'Anna' })) as {
    readonly key: string;
  };
  await server.admin('PUT', '/exports/traces', {
    kind: 'otlp',
    url: collector.url,
    headers: { 'x-token': 'canary-token' },
  });
  expect(await ask(server, key, 'canary-prompt')).toBe(200);
  // Wakes it, so that nothing has to be waited for.
  await server.admin('POST', '/exports/traces/test');
  const isThere = (): boolean => collector.received.some(({ body }) => body.includes('gen_ai'));
  for (let calls = 2; !isThere(); calls += 1) await collector.until(calls);
  const batches = collector.received.flatMap(({ body }) => throughProtobuf(JSON.parse(body)));
  const [row] = (await server.admin('GET', '/log')) as readonly { readonly id: string }[];
  expect(batches.flatMap(({ spans }) => spans.map(({ traceId }) => `req_${traceId}`))).toEqual([row?.id]);
  expect(collector.received.map(({ body }) => body).join('')).not.toMatch(/canary|sk-ink_/);
  expect(filesBelow(server.dataDir).filter((file) => /canary/.test(readFileSync(file, 'latin1')))).toEqual(
    [],
  );
});

type Given = { readonly collector: Collector; readonly name: string };

/** What was said, as it came there: of each request its input and output. */
async function saidTo(server: ComposedServer, { collector, name }: Given, count: number): Promise<string[]> {
  const spans = (): readonly DecodedSpan[] =>
    collector.received.flatMap(({ body }) =>
      throughProtobuf(JSON.parse(body)).flatMap((batch) => batch.spans),
    );
  await server.admin('POST', `/exports/${name}/test`);
  for (let calls = 2; spans().length < count; calls += 1) await collector.until(calls);
  return spans().map(({ attributes }) =>
    Object.entries(attributes)
      .filter(([attribute]) => /\.messages$|observation\.(?:in|out)put$/.test(attribute))
      .map(([, text]) => String(text))
      .join(' '),
  );
}

it('what traced keys say goes to collectors in the office, masked; outside only of keys that may leave, and where the owner says so', async () => {
  const server = await startComposed({ engine: { answer: { words: ['canary-answer'] } } });
  const inside = { name: 'inside', collector: await startCollector() };
  const langfuse = { name: 'langfuse', collector: await startCollector() };
  const outside = { name: 'outside', collector: await startCollector() };
  const silent = { name: 'silent', collector: await startCollector() };
  const set = async ({ name, collector }: Given, more: object): Promise<unknown> =>
    await server.admin('PUT', `/exports/${name}`, { kind: 'otlp', url: collector.url, ...more });
  expect(await set(inside, {})).toMatchObject({ prompts: true });
  const pair = { kind: 'langfuse', publicKey: 'pk', secretKey: 'sk' };
  expect(await set(langfuse, pair)).toMatchObject({ prompts: true });
  // Who lets it lie outside has not yet said that prompts go there.
  expect(await set(outside, { mayLeave: true })).toMatchObject({ prompts: false });
  expect(await set(outside, { mayLeave: true, prompts: true })).toMatchObject({ prompts: true });
  expect(await set(outside, {})).toMatchObject({ prompts: true });
  const acts = (await server.admin('GET', '/audit?act=export.set')) as AuditRecord[];
  expect(acts.map(({ details }) => details)).toContainEqual(
    expect.objectContaining({ changes: { prompts: { from: false, to: true } } }),
  );
  expect(await set(silent, { people: false })).toMatchObject({ prompts: false });
  await expect(set(silent, { people: false, prompts: true })).rejects.toThrow(/400.*prompts/s);

  const create = async (name: string, more: object): Promise<string> =>
    ((await server.admin('POST', '/keys', { name, ...more })) as { readonly key: string }).key;
  const stays = await create('stays', { trace: true });
  const leaves = await create('leaves', { trace: true, mayLeave: true });
  const untraced = await create('untraced', { mayLeave: true });
  expect(await ask(server, untraced, 'said-untraced')).toBe(200);
  expect(await ask(server, stays, `said-stays ${stays}`)).toBe(200);
  expect(await ask(server, leaves, 'said-leaves')).toBe(200);

  for (const here of [inside, langfuse]) {
    const [first, second, third] = await saidTo(server, here, 3);
    expect([here.name, first]).toEqual([here.name, '']);
    expect(second).toMatch(/said-stays \[masked: inglenook key\].*canary-answer/);
    expect(third).toMatch(/said-leaves.*canary-answer/);
  }
  const there = await saidTo(server, outside, 3);
  expect(there.slice(0, 2)).toEqual(['', '']);
  expect(there[2]).toMatch(/said-leaves.*canary-answer/);
  expect(await saidTo(server, silent, 3)).toEqual(['', '', '']);
  for (const { collector } of [inside, langfuse, outside, silent]) {
    expect(collector.received.map(({ body }) => body).join('')).not.toContain(stays);
  }
});

it('the device is told where else what it says goes', async () => {
  const server = await startComposed();
  const collector = await startCollector();
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna', trace: true })) as {
    readonly key: string;
  };
  const notice = async (): Promise<string> => {
    const response = await fetch(`${server.address}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return decodeURI(response.headers.get('x-inglenook-traced-notice') ?? '');
  };
  const { host } = new URL(collector.url);
  await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: collector.url });
  expect(await notice()).toContain(` They are also sent to ${host}.`);
  await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: collector.url, prompts: false });
  expect(await notice()).not.toContain(host);
  await server.admin('PUT', '/exports/traces', {
    kind: 'otlp',
    url: collector.url,
    mayLeave: true,
    prompts: true,
  });
  expect(await notice()).not.toContain(host);
  await server.admin('PATCH', '/keys/Anna', { mayLeave: true });
  expect(await notice()).toContain(host);
});

it('waits with rows whose kept prompts cannot be read just now, says so, and loses nothing', async () => {
  const collector = await startCollector();
  const server = await startAdminServer();
  try {
    const rows = [freshRow({ keyId: 'key_1' }), freshRow({ keyId: 'key_1' })];
    let isAway = true;
    const contents: Contents = {
      sizes: async () => {
        if (isAway)
          throw new AppError('The kept prompts cannot be reached at the moment.', { status: 503, code: 'x' });
        return new Map();
      },
      read: async () => new Map(),
    };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const exports = testExports({ store: server.store, clock: systemClock, log, contents });
    for (const row of rows) insertRequest(server.store, row);
    exports.begin();
    await exports.set('traces', { kind: 'otlp', url: collector.url, history: true });
    await expect.poll(() => exports.find('traces')?.problem).toMatch(/kept prompts cannot be reached/);
    expect([collector.received.length, exports.find('traces')?.backlog]).toEqual([0, 2]);
    isAway = false;
    await exports.test('traces', new AbortController().signal);
    await expect.poll(() => exports.find('traces')?.backlog).toBe(0);
    await exports.close();
  } finally {
    await server.close();
  }
});

it('a receiver that hangs is in nobody’s way: neither a request’s nor that of the end', async () => {
  const collector = await startCollector(() => {});
  const server = await startComposed();
  const { key } = (await server.admin('POST', '/keys', { name: 'Anna' })) as { readonly key: string };
  expect(await ask(server, key, 'first')).toBe(200);
  await server.admin('PUT', '/exports/traces', { kind: 'otlp', url: collector.url, history: true });
  await collector.until(1);
  expect(await ask(server, key, 'Hi')).toBe(200);
  expect(await server.admin('GET', '/exports')).toEqual([expect.objectContaining({ backlog: 2, sent: 0 })]);
  await server.stop(0);
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
