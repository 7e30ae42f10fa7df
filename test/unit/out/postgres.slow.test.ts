import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import type { LogRow } from '../../../server/core/log-row.ts';
import type { Exports } from '../../../server/out/exports.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { testExports } from '../../fakes/exports.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { freshRow, fullRow } from './rows.ts';

// A cluster is made, started and stopped.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let server: PostgresServer;
let made: PostgresServer | null = null;
beforeAll(async () => {
  made = await startPostgres();
  server = made;
});
afterAll(async () => {
  await made?.remove();
});

/** What of an export is other than usual. */
type Wish = {
  readonly url?: string;
  readonly password?: string;
  readonly people?: boolean;
  readonly history?: boolean;
};

type Bench = {
  readonly store: Store;
  readonly exports: Exports;
  readonly add: (rows: readonly LogRow[]) => void;
  readonly set: (wish?: Wish) => Promise<void>;
  /** Sends what waits, and waits until nothing does. */
  readonly flush: () => Promise<void>;
};

function startBench(url: string): Bench {
  const store = openStore(':memory:');
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const exports = testExports({ store, log, clock: systemClock, timers: systemTimers });
  exports.begin();
  onTestFinished(async () => {
    await exports.close();
    closeStore(store);
  });
  return {
    store,
    exports,
    add: (rows) => rows.forEach((row) => insertRequest(store, row)),
    set: async (wish = {}) => {
      await exports.set('db', { kind: 'postgres', url, ...wish });
    },
    flush: async () => {
      await exports.test('db', new AbortController().signal);
      await until(() => exports.find('db')?.backlog === 0);
    },
  };
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => void setTimeout(resolve, 5));
}

let databases = 0;
async function freshDatabase(): Promise<string> {
  databases += 1;
  const name = `office_${databases}`;
  await server.query('postgres', `CREATE DATABASE ${name}`);
  return name;
}

describe('a real PostgreSQL', () => {
  it('gets a table and every field of every row, in its own types', async () => {
    const database = await freshDatabase();
    const { add, set, flush } = startBench(server.url(database));
    const [full, bare] = [fullRow(), freshRow({ firstTokenMs: null, finishReason: null, ip: '::1' })];
    add([full, bare]);
    await set();
    await flush();
    const rows = await server.query(database, 'SELECT * FROM inglenook_requests ORDER BY arrived_at');
    expect(rows[0]).toEqual({
      id: full.id,
      arrived_at: new Date(full.time),
      key_name: 'Anna’s laptop',
      key_id: 'key_1',
      person: 'Anna',
      team: 'Web',
      labels: { project: 'site' },
      end_user: 'visitor-7',
      device: 'laptop',
      model: 'office',
      served_model: 'fake-model',
      engine: 'fake',
      route: '/v1/chat/completions',
      status: 'ok',
      http_status: 200,
      finish_reason: 'stop',
      error: null,
      prompt_tokens: '120',
      cached_tokens: '100',
      completion_tokens: '40',
      cost_nanos: '1234567',
      queue_ms: 1.5,
      load_ms: 2.5,
      prefill_ms: 8.5,
      decode_ms: 67.8,
      first_token_ms: 12.5,
      total_ms: 80.3,
      tried: ['other', 'fake-model'],
      dropped: ['logit_bias'],
      client: 'OpenAI/JS 7',
      client_request_id: 'mine-1',
      ip: '192.168.0.7',
      left_office: 'cloud',
      at_once: 3,
    });
    expect(rows[1]).toMatchObject({
      id: bare.id,
      first_token_ms: null,
      prefill_ms: null,
      cost_nanos: null,
      ip: '::1',
    });
    expect(await server.query(database, 'SELECT version FROM inglenook_schema')).toEqual([{ version: 1 }]);
  });

  it('has each row once, whatever is sent again, and sums that equal the log’s', async () => {
    const database = await freshDatabase();
    const { add, set, flush, exports } = startBench(server.url(database));
    const rows = Array.from({ length: 2_345 }, (_, index) =>
      freshRow({
        promptTokens: index,
        completionTokens: index % 7,
        status: index % 5 === 0 ? 'cancelled' : 'ok',
      }),
    );
    add(rows);
    await set();
    await flush();
    await set({ history: true });
    await flush();
    expect(exports.find('db')).toMatchObject({ sent: 2 * 2_345, skipped: 0, state: 'ok' });
    const sums = await server.query(
      database,
      `SELECT status, count(*)::int AS count, sum(prompt_tokens)::int AS prompt, sum(completion_tokens)::int AS completion
         FROM inglenook_requests GROUP BY status ORDER BY status`,
    );
    const sumOf = (status: string) => {
      const own = rows.filter((row) => row.status === status);
      return {
        status,
        count: own.length,
        prompt: own.reduce((sum, row) => sum + row.promptTokens, 0),
        completion: own.reduce((sum, row) => sum + row.completionTokens, 0),
      };
    };
    expect(sums).toEqual([sumOf('cancelled'), sumOf('ok')]);
  });

  it('takes every text a client can send', async () => {
    const database = await freshDatabase();
    const { add, set, flush, exports } = startBench(server.url(database));
    const wild = `a\0b \ud800 'quote' "double" \\u0000 💡 ${String.fromCodePoint(0x10_ff_ff)}`;
    add([fullRow({ model: wild, client: wild, error: wild, labels: { [wild]: wild }, dropped: [wild] })]);
    await set();
    await flush();
    expect(exports.find('db')).toMatchObject({ sent: 1, skipped: 0, problem: null });
    const [row] = await server.query(database, 'SELECT model, labels FROM inglenook_requests');
    const kept = wild.toWellFormed().replaceAll('\0', '\ufffd');
    expect(row).toEqual({ model: kept, labels: { [kept]: kept } });
  });

  it('may be away: what comes meanwhile arrives afterwards, each row once', async () => {
    const database = await freshDatabase();
    const { add, set, flush, exports } = startBench(server.url(database));
    add([freshRow()]);
    await set();
    await flush();
    await server.stop();
    add(Array.from({ length: 20 }, () => freshRow()));
    const tried = await exports.test('db', new AbortController().signal);
    expect(tried).toMatchObject({ works: false, reason: expect.stringContaining('Nothing answers') });
    await server.start();
    await flush();
    expect(await server.query(database, 'SELECT count(*)::int FROM inglenook_requests')).toEqual([
      { count: 21 },
    ]);
  });

  it('that does not take a row gets all the others', async () => {
    const database = await freshDatabase();
    const { add, set, flush, exports } = startBench(server.url(database));
    await set();
    await flush();
    await server.query(database, `ALTER TABLE inglenook_requests ADD CHECK (model <> 'never')`);
    add([...Array.from({ length: 9 }, () => freshRow()), freshRow({ model: 'never' }), freshRow()]);
    await flush();
    expect(exports.find('db')).toMatchObject({ sent: 10, skipped: 1, state: 'ok' });
    expect(await server.query(database, 'SELECT count(*)::int FROM inglenook_requests')).toEqual([
      { count: 10 },
    ]);
  });

  it('is told in words what is wrong, and never with the password', async () => {
    const database = await freshDatabase();
    await server.query('postgres', `CREATE ROLE guest LOGIN PASSWORD 'guest-word'`);
    const guest = `postgres://guest@127.0.0.1:${server.port}/${database}`;
    const { set, exports, add, flush } = startBench(guest);
    const reason = async (wish: Wish): Promise<string> => {
      await set(wish);
      return (await exports.test('db', new AbortController().signal))?.reason ?? 'works';
    };
    expect(await reason({ password: 'wrong-word' })).toMatch(/user and the password/);
    const missing = `postgres://guest@127.0.0.1:${server.port}/nowhere`;
    expect(await reason({ url: missing, password: 'guest-word' })).toMatch(/no such database/);
    expect(await reason({})).toMatch(/allowed to make tables/);
    expect(JSON.stringify(exports.list())).not.toMatch(/guest-word|wrong-word/);
    // Once the tables are there, selecting and inserting is all it needs.
    const owner = startBench(server.url(database));
    await owner.set();
    await owner.flush();
    await server.query(database, 'GRANT SELECT ON inglenook_schema TO guest');
    await server.query(database, 'GRANT SELECT, INSERT ON inglenook_requests TO guest');
    add([freshRow()]);
    expect(await reason({})).toBe('works');
    await flush();
    expect(await server.query(database, 'SELECT count(*)::int FROM inglenook_requests')).toEqual([
      { count: 1 },
    ]);
  });

  it('is shared by several servers that begin at the same time', async () => {
    const database = await freshDatabase();
    const benches = Array.from({ length: 4 }, () => startBench(server.url(database)));
    for (const { add } of benches) add([freshRow(), freshRow()]);
    await Promise.all(benches.map(async ({ set }) => await set()));
    await Promise.all(benches.map(async ({ flush }) => await flush()));
    expect(await server.query(database, 'SELECT count(*)::int FROM inglenook_requests')).toEqual([
      { count: 8 },
    ]);
    expect(await server.query(database, 'SELECT version FROM inglenook_schema')).toEqual([{ version: 1 }]);
  });

  it('is spoken to encrypted when that is wanted, and not at all where the certificate must hold and does not', async () => {
    const database = await freshDatabase();
    const { add, set, flush, exports } = startBench(`${server.url(database)}?sslmode=require`);
    add([freshRow()]);
    await set();
    await flush();
    expect(exports.find('db')).toMatchObject({ sent: 1, state: 'ok' });
    await set({ url: `${server.url(database)}?sslmode=verify-full` });
    const tried = await exports.test('db', new AbortController().signal);
    expect(tried).toMatchObject({ works: false, reason: expect.stringContaining('certificate') });
  });

  it('keeps nobody’s name where people are left out', async () => {
    const database = await freshDatabase();
    const { add, set, flush } = startBench(server.url(database));
    add([fullRow()]);
    await set({ people: false });
    await flush();
    const rows = await server.query(database, 'SELECT * FROM inglenook_requests');
    expect(JSON.stringify(rows)).not.toMatch(/Anna|visitor-7|laptop|192\.168|OpenAI|mine-1|site/);
    expect(rows[0]).toMatchObject({ team: 'Web', prompt_tokens: '120' });
  });
});
