import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { newKeyText } from '../../../server/core/key-format.ts';
import { adminRoutes } from '../../../server/http/admin-table.ts';
import { decryptFile } from '../../../server/store/backup/backup-file.ts';
import { listMigrations } from '../../../server/store/migrate.ts';
import { closeStore, openStore } from '../../../server/store/open.ts';
import type { CreatedKey } from '../../../server/wire/admin.ts';
import type { ExportRecord } from '../../../server/wire/exports.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';
import { startCollector, type Collector } from '../out/collector.ts';
import { throughProtobuf } from '../out/otlp-protobuf.ts';
import { startPostgres, type PostgresServer } from '../out/postgres-server.ts';
import { answers, ask, canary, filesWith, idOf, list, newDataDir } from './helpers.ts';

/**
 * The promise about prompts, held against everything that can hold or tell one: with tracing off no word is anywhere; with
 * it on, masked words are where the owner wants them and nowhere else; after a purge they are nowhere again.
 */

// A PostgreSQL is made, and every backup's passphrase costs.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let made: PostgresServer | null = null;
beforeAll(async () => {
  made = await startPostgres();
});
afterAll(async () => {
  await made?.remove();
});

const passphrase = 'a passphrase nobody guesses';
const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----';
const foreign = `ghp_${'Ab1'.repeat(12)}`;

type Office = {
  readonly server: ComposedServer;
  readonly otlp: Collector;
  readonly langfuse: Collector;
  readonly said: string[];
  readonly events: () => string;
  readonly postgres: () => Promise<string>;
};

async function openOffice(): Promise<Office> {
  const postgres = made as PostgresServer;
  const said: string[] = [];
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said.push(chunk.toString());
      done();
    },
  });
  const held = gate();
  const server = await startComposed({
    dataDir: newDataDir(),
    stderr,
    engine: {
      answer: answers,
      beforePart: (index, { messages }) => {
        const asked = JSON.stringify(messages);
        if (index === 3 && asked.includes('hold')) return held.opened;
        if (index === 2 && asked.includes('break')) throw new Error('It broke.');
        return undefined;
      },
    },
  });
  const [otlp, langfuse] = [await startCollector(), await startCollector()];
  await server.admin('PUT', '/exports/otlp', { kind: 'otlp', url: otlp.url });
  await server.admin('PUT', '/exports/langfuse', {
    kind: 'langfuse',
    url: langfuse.url,
    publicKey: 'pk',
    secretKey: 'sk',
  });
  await server.admin('PUT', '/exports/db', { kind: 'postgres', url: postgres.url('postgres') });
  await server.admin('PUT', '/settings/cache.enabled', { value: true });
  return {
    server,
    otlp,
    langfuse,
    said,
    events: await listen(server),
    postgres: async () =>
      JSON.stringify(await postgres.query('postgres', 'SELECT * FROM inglenook_requests')),
  };
}

/** What screens are told while they are open. */
async function listen(server: ComposedServer): Promise<() => string> {
  const gone = new AbortController();
  onTestFinished(() => gone.abort());
  const headers = { authorization: `Bearer ${tokenOf(server)}` };
  const { body } = await fetch(`${server.address}/api/events`, { headers, signal: gone.signal });
  let text = '';
  void (async () => {
    for await (const chunk of body ?? []) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  return () => text;
}

const tokenOf = ({ dataDir }: ComposedServer): string =>
  readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();

/** One of each way in which a request can go, in each language. @returns the id of one that went well */
async function traffic({ server }: Office, key: string, text: string): Promise<string> {
  const whole = await ask(server, { key, text });
  await whole.text();
  await (await ask(server, { key, text, body: { temperature: 0 } })).text();
  await (await ask(server, { key, text, body: { temperature: 0 } })).text();
  await (await ask(server, { key, text: `${text} again`, body: { stream: true } })).text();
  await (await ask(server, { key, text, body: { model: 'nobody' } })).text();
  await (await ask(server, { key, text, body: { temperature: 'warm' } })).text();
  await (await ask(server, { key, text: `${text} break`, body: { stream: true } })).text();
  await (await ask(server, { key: newKeyText(), text })).text();
  const abort = new AbortController();
  const cancelled = await ask(server, {
    key,
    text: `${text} hold`,
    body: { stream: true },
    signal: abort.signal,
  });
  await cancelled.body?.getReader().read();
  abort.abort();
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${server.address}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fake-model', ...body }),
    });
    await response.text();
  };
  await post('responses', { input: text, store: true });
  await post('messages', { max_tokens: 9, messages: [{ role: 'user', content: text }] });
  await post('completions', { prompt: text });
  await post('embeddings', { input: text });
  await post('rerank', { query: text, documents: [text] });
  await expect
    .poll(async () => ((await server.admin('GET', '/log?status=cancelled')) as unknown[]).length)
    .toBeGreaterThan(0);
  return idOf(whole);
}

/** Everything that leaves the server, but for the places where kept prompts belong. */
async function told(office: Office, requestId: string): Promise<Record<string, string>> {
  const { server } = office;
  const get = async (path: string): Promise<string> => {
    const headers = { authorization: `Bearer ${tokenOf(server)}` };
    return await (await fetch(`${server.address}${path}`, { headers })).text();
  };
  const paths = adminRoutes
    .filter(({ method, path }) => method === 'get' && !path.startsWith('/traces') && path !== '/events')
    .filter(({ path }) => !path.startsWith('/people') && !path.includes('/found'))
    .map(({ path }) =>
      path.replace('/requests/:id', `/requests/${requestId}`).replace(/:key$/, 'mia%20laptop'),
    );
  const exported = ['csv', 'json'].flatMap((format) => [
    `/requests/export?format=${format}`,
    `/usage?by=key&format=${format}`,
    `/usage?by=model&format=${format}`,
  ]);
  const texts: Record<string, string> = {};
  for (const path of [...paths, ...exported, '/security-report?language=de']) {
    texts[path] = await get(`/api${path}`);
  }
  for (const path of ['/metrics', '/healthz', '/readyz']) texts[path] = await get(path);
  const sent = async (): Promise<ExportRecord[]> => (await server.admin('GET', '/exports')) as ExportRecord[];
  for (const { name } of await sent()) await server.admin('POST', `/exports/${name}/test`);
  await expect.poll(async () => (await sent()).map(({ backlog }) => backlog)).toEqual([0, 0, 0]);
  texts['Postgres'] = await office.postgres();
  texts['events'] = office.events();
  texts['the server’s own log'] = office.said.join('');
  texts['backup'] = await backedUp(server);
  return texts;
}

async function backedUp(server: ComposedServer): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-canary-'));
  try {
    await server.admin('POST', '/backups', { file: join(dir, 'b.age'), passphrase });
    await decryptFile(join(dir, 'b.age'), join(dir, 'opened'), passphrase);
    return readFileSync(join(dir, 'opened'), 'latin1');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What an update would leave behind: the copy of the database from before it. */
function snapshotHolds({ server }: Office, word: string): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-canary-'));
  try {
    for (const name of readdirSync(server.dataDir).filter((one) => one.startsWith('inglenook.db'))) {
      cpSync(join(server.dataDir, name), join(dir, name));
    }
    const known = listMigrations();
    const next = {
      version: (known.at(-1)?.version ?? 0) + 10,
      name: 'next.sql',
      sql: 'CREATE TABLE next (x INT) STRICT',
    };
    closeStore(openStore(join(dir, 'inglenook.db'), [...known, next]));
    expect(readdirSync(join(dir, 'snapshots'))).toHaveLength(1);
    return filesWith(dir, word).length > 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const bodiesOf = ({ received }: Collector): string => received.map(({ body }) => body).join('\n');
const withWord = (texts: Record<string, string>, word: string): string[] =>
  Object.entries(texts).flatMap(([name, text]) => (text.includes(word) ? [name] : []));

it('no word of a prompt and no key is anywhere without tracing; masked where they belong with it; nowhere after a purge', async () => {
  const office = await openOffice();
  const { server, otlp, langfuse } = office;
  const { key, id } = (await server.admin('POST', '/keys', {
    name: 'mia laptop',
    person: 'Mia',
  })) as CreatedKey;
  const secrets = [key, newKeyText(), foreign, 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'];
  const text = `${canary.asked} has ${key}, ${secrets[1]}, ${foreign} and ${pem}`;
  const words = [canary.asked, canary.answered];

  const silent = await traffic(office, key, text);
  const off: Record<string, string> = {
    ...(await told(office, silent)),
    otlp: bodiesOf(otlp),
    langfuse: bodiesOf(langfuse),
    person: JSON.stringify(await server.admin('GET', '/people/Mia/export')),
  };
  expect(Object.values(off).filter((one) => one.includes(silent.replace('req_', ''))).length).toBeGreaterThan(
    5,
  );
  for (const word of [...words, ...secrets]) {
    expect([word, withWord(off, word), filesWith(server.dataDir, word)]).toEqual([word, [], []]);
    expect([word, snapshotHolds(office, word)]).toEqual([word, false]);
  }

  await server.admin('PATCH', `/keys/${id}`, { trace: true });
  const traced = await traffic(office, key, text);
  const on = await told(office, traced);
  // Whole, again, from the cache, streamed, and in the three other languages.
  const ends = (await list(server)).map(({ status }) => status);
  expect([ends.filter((end) => end === 'ok').length, new Set(ends)]).toEqual([
    7,
    new Set(['ok', 'error', 'cancelled']),
  ]);
  const kept = JSON.stringify([
    await server.admin('GET', `/traces/${traced}`),
    await server.admin('POST', '/traces/search', { words: canary.asked }),
    await server.admin('GET', '/people/Mia/export'),
  ]);
  for (const word of words) {
    expect([word, withWord(on, word), snapshotHolds(office, word)]).toEqual([word, [], false]);
    const places = filesWith(server.dataDir, word);
    expect([word, places.filter((name) => !name.startsWith('traces.db'))]).toEqual([word, []]);
    expect([word, places.length > 0, kept.includes(word)]).toEqual([word, true, true]);
    for (const { received } of [otlp, langfuse]) {
      const spans = received
        .flatMap(({ body }) => throughProtobuf(JSON.parse(body)))
        .flatMap((batch) => batch.spans);
      const holding = spans.filter(({ attributes }) => JSON.stringify(attributes).includes(word));
      expect(holding.map(({ traceId }) => `req_${traceId}`)).toContain(traced);
      expect(holding.map(({ traceId }) => `req_${traceId}`)).not.toContain(silent);
    }
  }
  const everywhere = { ...on, kept, otlp: bodiesOf(otlp), langfuse: bodiesOf(langfuse) };
  for (const secret of secrets) {
    expect([secret, withWord(everywhere, secret), filesWith(server.dataDir, secret)]).toEqual([
      secret,
      [],
      [],
    ]);
  }
  expect(kept).toContain('[masked: ');

  // While it runs: nothing waits for the server's end.
  await server.admin('DELETE', '/traces?all=true');
  await server.admin('POST', '/retention/purge', {
    requestsBefore: new Date(Date.now() + 60_000).toISOString(),
  });
  expect(await server.admin('GET', '/log')).toEqual([]);
  for (const word of [...words, ...words.map((one) => one.toLowerCase().slice(0, 8)), ...secrets]) {
    expect([word, filesWith(server.dataDir, word)]).toEqual([word, []]);
  }
  const after = await told(office, traced);
  expect([withWord(after, canary.asked), withWord(after, canary.answered)]).toEqual([[], []]);
});
