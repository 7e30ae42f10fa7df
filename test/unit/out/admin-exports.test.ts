import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportList, exportRecord, exportTest } from '../../../server/wire/exports.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startAdminServer } from '../admin/admin-server.ts';
import { startCollector } from './collector.ts';
import { throughProtobuf } from './otlp-protobuf.ts';

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
