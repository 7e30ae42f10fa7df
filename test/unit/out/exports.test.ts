import { describe, expect, it, onTestFinished } from 'vitest';
import type { Exports } from '../../../server/out/exports.ts';
import { insertRequest } from '../../../server/store/requests.ts';
import { closeStore, openStore, type Store } from '../../../server/store/open.ts';
import { testExports } from '../../fakes/exports.ts';
import { createManualTime, type ManualTime } from '../../fakes/manual-time.ts';
import { ok, startCollector, type Collector } from './collector.ts';
import { throughProtobuf } from './otlp-protobuf.ts';
import { freshRow } from './rows.ts';

type Bench = {
  readonly store: Store;
  readonly time: ManualTime;
  readonly exports: Exports;
  readonly logged: string[];
  /** Writes so many rows and gives their ids. */
  readonly add: (count: number) => string[];
  /** Waits for what real sockets bring about. */
  readonly until: (isDone: () => boolean) => Promise<void>;
  /** The same while time goes on. */
  readonly later: (isDone: () => boolean) => Promise<void>;
  /** The same store with new exports, as after a start. */
  readonly restart: () => Promise<Exports>;
};

function startBench(): Bench {
  const store = openStore(':memory:');
  const time = createManualTime();
  const logged: string[] = [];
  const note = (message: string, fields?: object): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: note, info: note, warn: note, error: note };
  const begin = (): Exports => {
    const exports = testExports({ store, log, clock: time.clock, timers: time.timers });
    exports.begin();
    return exports;
  };
  const open = [begin()];
  onTestFinished(async () => {
    for (const exports of open) await exports.close();
    closeStore(store);
  });
  return {
    store,
    time,
    logged,
    exports: open[0] as Exports,
    add: (count) =>
      Array.from({ length: count }, () => {
        const row = freshRow();
        insertRequest(store, row);
        return row.id;
      }),
    until,
    later: async (isDone) =>
      await until(() => {
        if (isDone()) return true;
        time.advance(1_000);
        return false;
      }),
    restart: async () => {
      await open.at(-1)?.close();
      open.push(begin());
      return open.at(-1) as Exports;
    },
  };
}

async function until(isDone: () => boolean): Promise<void> {
  for (let looks = 0; !isDone(); looks += 1) {
    if (looks > 5_000) throw new Error('it does not come about');
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}

/** Ids of the requests in all batches that were taken, in order. */
function idsOf(collector: Collector, from = 0): string[] {
  return collector.received
    .slice(from)
    .flatMap(({ body }) => throughProtobuf(JSON.parse(body)))
    .flatMap(({ spans }) => spans.map(({ traceId }) => `req_${traceId}`));
}

const otlp = (collector: Collector, rest: object = {}) =>
  ({ kind: 'otlp', url: collector.url, headers: { 'x-token': 'secret-1' }, ...rest }) as const;

describe('an export', () => {
  it('sends every row once and in order, in batches, and says how far it is', async () => {
    const { exports, add, time, until } = startBench();
    const collector = await startCollector();
    const before = add(450);
    const made = await exports.set('traces', otlp(collector, { history: true }));
    expect(made).toMatchObject({ url: `${collector.url}/v1/traces`, state: 'waiting', hasSecret: true });
    await until(() => exports.find('traces')?.backlog === 0);
    const later = add(3);
    expect(exports.find('traces')).toMatchObject({ backlog: 3, sent: 450, state: 'ok' });
    time.advance(5_000);
    await until(() => exports.find('traces')?.backlog === 0);
    expect(idsOf(collector)).toEqual([...before, ...later]);
    expect(collector.received.map(({ body }) => throughProtobuf(JSON.parse(body))[0]?.spans.length)).toEqual([
      200, 200, 50, 3,
    ]);
    expect(exports.find('traces')).toMatchObject({
      sent: 453,
      skipped: 0,
      problem: null,
      lastSuccessAt: new Date(time.clock.nowMs()).toISOString(),
    });
  });

  it('begins with the next row unless it is a database or told otherwise', async () => {
    const { exports, add, later } = startBench();
    const collector = await startCollector();
    add(5);
    await exports.set('traces', otlp(collector));
    expect(exports.find('traces')?.backlog).toBe(0);
    const [next] = add(1);
    await later(() => exports.find('traces')?.sent === 1);
    expect(idsOf(collector)).toEqual([next]);
    const database = await exports.set('db', { kind: 'postgres', url: 'postgres://u:p@127.0.0.1:1/d' });
    expect([database.backlog, database.url, database.hasSecret]).toEqual([
      6,
      'postgres://u@127.0.0.1:1/d?sslmode=disable',
      true,
    ]);
  });

  it('tries again with pauses that grow, keeps the time it is asked to, and loses nothing', async () => {
    const { exports, add, time, until, logged } = startBench();
    let isDown = true;
    const collector = await startCollector((response, _call, count) => {
      if (!isDown) return ok(response);
      response.writeHead(503, count === 3 ? { 'retry-after': '120' } : {}).end();
    });
    const ids = add(2);
    await exports.set('traces', otlp(collector, { history: true }));
    const pauses: number[] = [];
    for (let tries = 1; tries <= 4; tries += 1) {
      await collector.until(tries);
      const pauseMs = (): number => Date.parse(exports.find('traces')?.nextTryAt ?? '') - time.clock.nowMs();
      await until(() => pauseMs() > 0);
      pauses.push(pauseMs());
      if (tries === 4) break;
      time.advance(pauses.at(-1) ?? 0);
    }
    expect(pauses).toEqual([5_000, 10_000, 120_000, 40_000]);
    expect(exports.find('traces')).toMatchObject({
      backlog: 2,
      sent: 0,
      problem: expect.stringContaining('503'),
    });
    isDown = false;
    expect(await exports.test('traces', new AbortController().signal)).toMatchObject({
      works: true,
      reason: null,
    });
    await until(() => exports.find('traces')?.state === 'ok');
    expect(exports.find('traces')).toMatchObject({ backlog: 0, sent: 2, problem: null, nextTryAt: null });
    expect(idsOf(collector, 5)).toEqual(ids);
    expect(logged.filter((line) => /cannot be sent|goes on/.test(line))).toHaveLength(2);
    expect(logged.join('\n')).not.toContain('secret-1');
  });

  it('goes on where it was after a restart, and sends again what was not confirmed, as the same spans', async () => {
    const { exports, add, until, restart } = startBench();
    let hangs = true;
    const collector = await startCollector((response) => {
      if (!hangs) ok(response);
    });
    const ids = add(3);
    await exports.set('traces', otlp(collector, { history: true }));
    await collector.until(1);
    // It has arrived, but nobody has said so.
    hangs = false;
    const again = await restart();
    await until(() => again.find('traces')?.backlog === 0);
    expect([idsOf(collector), again.find('traces')?.sent]).toEqual([[...ids, ...ids], 3]);
    expect(collector.received[0]?.body).toBe(collector.received[1]?.body);
  });

  it('gives up on a receiver that never answers, after a minute', async () => {
    const { exports, add, time, until } = startBench();
    const collector = await startCollector(() => {});
    add(1);
    await exports.set('traces', otlp(collector, { history: true }));
    await collector.until(1);
    time.advance(60_000);
    await until(() => exports.find('traces')?.state === 'failing');
    expect(exports.find('traces')).toMatchObject({ problem: 'It does not answer in time.', backlog: 1 });
  });

  it('passes over the one row that a receiver never takes, and no other', async () => {
    const { exports, add, later, logged } = startBench();
    const bad = { id: '' };
    const collector = await startCollector((response, { body }) => {
      if (bad.id !== '' && body.includes(bad.id)) response.writeHead(400).end();
      else ok(response);
    });
    const ids = add(37);
    bad.id = ids[20]?.slice(4) ?? '';
    await exports.set('traces', otlp(collector, { history: true }));
    await later(() => exports.find('traces')?.backlog === 0);
    const record = exports.find('traces');
    expect([record?.backlog, record?.sent, record?.skipped, record?.state]).toEqual([0, 36, 1, 'ok']);
    const taken = collector.received.filter(({ body }) => !body.includes(bad.id));
    const arrived = taken
      .flatMap(({ body }) => throughProtobuf(JSON.parse(body)))
      .flatMap(({ spans }) => spans);
    expect(arrived.map(({ traceId }) => `req_${traceId}`)).toEqual(ids.filter((id) => !id.includes(bad.id)));
    expect(logged.filter((line) => line.includes('passed over'))).toEqual([
      expect.stringContaining(`req_${bad.id}`),
    ]);
  });

  it('does not take a receiver that refuses everything for one that refuses a row', async () => {
    const { exports, add, until } = startBench();
    const collector = await startCollector((response) => void response.writeHead(400).end());
    add(5);
    await exports.set('traces', otlp(collector, { history: true }));
    await until(() => exports.find('traces')?.state === 'failing');
    expect(exports.find('traces')).toMatchObject({ backlog: 5, sent: 0, skipped: 0 });
  });

  it('stops passing over rows where one after the other is not taken', async () => {
    const { exports, add, until } = startBench();
    const isEmpty = (body: string): boolean => body === '{"resourceSpans":[]}';
    const collector = await startCollector((response, { body }) => {
      if (isEmpty(body)) ok(response);
      else response.writeHead(400).end();
    });
    add(30);
    await exports.set('traces', otlp(collector, { history: true }));
    await until(() => exports.find('traces')?.state === 'failing');
    expect(exports.find('traces')).toMatchObject({ backlog: 25, sent: 0, skipped: 5 });
  });

  it('forgets a secret when the server is another, and keeps it when it is the same', async () => {
    const { exports, add, later } = startBench();
    const [first, second] = [await startCollector(), await startCollector()];
    await exports.set('traces', otlp(first));
    await exports.set('traces', { kind: 'otlp', url: `${first.url}/other/path` });
    add(1);
    await later(() => first.received.length > 0);
    expect([first.received[0]?.path, first.received[0]?.headers['x-token']]).toEqual([
      '/other/path',
      'secret-1',
    ]);
    const moved = await exports.set('traces', { kind: 'otlp', url: second.url });
    add(1);
    await later(() => second.received.length > 0);
    expect([moved.hasSecret, second.received[0]?.headers['x-token']]).toEqual([false, undefined]);
  });

  it('keeps no secret readable in the database, and tells when it cannot be read any more', async () => {
    const { exports, store } = startBench();
    const collector = await startCollector();
    await exports.set('traces', otlp(collector));
    expect(store.db.serialize().includes('secret-1')).toBe(false);
    store.db.prepare('UPDATE exports SET sealed_secret = zeroblob(80)').run();
    expect(exports.find('traces')).toMatchObject({
      state: 'failing',
      problem: expect.stringContaining('Give them again'),
    });
    expect(await exports.test('traces', new AbortController().signal)).toMatchObject({ works: false });
  });

  it('is at work once, however often it is set at the same time', async () => {
    const { exports, add, later } = startBench();
    const collector = await startCollector();
    const ids = add(5);
    const wish = otlp(collector, { history: true });
    await Promise.all([
      exports.set('traces', wish),
      exports.set('traces', wish),
      exports.set('traces', otlp(collector)),
    ]);
    ids.push(...add(1));
    await later(() => exports.find('traces')?.backlog === 0);
    const seen = idsOf(collector);
    expect([new Set(seen), seen.filter((id) => id === ids.at(-1))]).toEqual([new Set(ids), [ids.at(-1)]]);
  });

  it('begins anew what may leave the office when the server may go online again, and sends each row once', async () => {
    const { exports, add, later } = startBench();
    const collector = await startCollector();
    const ids = add(5);
    await exports.set('traces', { ...otlp(collector, { history: true }), mayLeave: true });
    await exports.follow();
    ids.push(...add(1));
    await later(() => exports.find('traces')?.backlog === 0);
    expect(new Set(idsOf(collector))).toEqual(new Set(ids));
  });

  it('sends nothing out of the office while the server is to stay offline', async () => {
    const { store, time } = startBench();
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const exports = testExports({ store, log, clock: time.clock, isOffline: () => true });
    const wish = { kind: 'otlp', url: 'https://192.0.2.7', mayLeave: true } as const;
    expect(await exports.set('traces', wish)).toMatchObject({ mayLeave: true });
    const tried = await exports.test('traces', new AbortController().signal);
    expect(tried).toMatchObject({ works: false, reason: expect.stringContaining('INGLENOOK_OFFLINE') });
  });

  it('leaves nothing behind when it is removed', async () => {
    const { exports, store, time, add } = startBench();
    const collector = await startCollector();
    await exports.set('traces', otlp(collector));
    expect([await exports.remove('traces'), await exports.remove('traces'), exports.list()]).toEqual([
      true,
      false,
      [],
    ]);
    add(1);
    time.advance(60_000);
    expect([collector.received, store.db.prepare('SELECT count(*) FROM exports').pluck().get()]).toEqual([
      [],
      0,
    ]);
  });
});

describe('addresses', () => {
  it.each([
    ['otlp', 'ftp://collector', /in this form/],
    ['otlp', 'http://user:pw@collector', /name or password/],
    ['otlp', 'http://127.0.0.1/?a=1', /Leave out/],
    ['otlp', 'http://169.254.169.254/', /link-local or cloud/],
    ['otlp', 'http://192.0.2.7:4318', /outside the office/],
    ['langfuse', 'no address', /in this form/],
    ['postgres', 'postgres://127.0.0.1/d', /in this form/],
    ['postgres', 'mysql://u@127.0.0.1/d', /in this form/],
    ['postgres', 'postgres://u@127.0.0.1/d?sslmode=maybe', /sslmode/],
    ['postgres', 'postgres://u@127.0.0.1/d?options=-c', /only sslmode/],
    ['postgres', 'postgres://u@169.254.169.254/d', /link-local or cloud/],
    ['postgres', 'postgres://u@192.0.2.7/d', /outside the office/],
  ] as const)('%s refuses %s', async (kind, url, message) => {
    const { exports } = startBench();
    const keys = kind === 'langfuse' ? { publicKey: 'a', secretKey: 'b' } : {};
    const wanted = { kind, url, ...keys } as Parameters<Exports['set']>[1];
    await expect(exports.set('x', wanted)).rejects.toThrow(message);
    expect(exports.list()).toEqual([]);
  });

  it('lets the log leave the office only encrypted, and only when the owner says so', async () => {
    const { exports } = startBench();
    const outside = { mayLeave: true } as const;
    await expect(exports.set('x', { kind: 'otlp', url: 'http://192.0.2.7', ...outside })).rejects.toThrow(
      /unencrypted/,
    );
    await expect(
      exports.set('x', { kind: 'postgres', url: 'postgres://u@192.0.2.7/d?sslmode=disable', ...outside }),
    ).rejects.toThrow(/unencrypted/);
    const database = await exports.set('db', {
      kind: 'postgres',
      url: 'postgres://u@192.0.2.7/d',
      ...outside,
    });
    expect(database.url).toBe('postgres://u@192.0.2.7:5432/d?sslmode=verify-full');
  });

  it.each([
    'https://langfuse.example',
    'https://langfuse.example/api/public/otel/',
    'https://langfuse.example/api/public/otel/v1/traces',
  ])('finds Langfuse’s receiver by %s', async (url) => {
    const { exports } = startBench();
    const wanted = { kind: 'langfuse', url, publicKey: 'a', secretKey: 'b' } as const;
    expect((await exports.set('l', wanted)).url).toBe('https://langfuse.example/api/public/otel/v1/traces');
    await expect(exports.set('m', { kind: 'langfuse', url, publicKey: 'a' })).rejects.toThrow(
      /both of its keys/,
    );
  });
});
