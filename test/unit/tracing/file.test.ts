import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { randomBase62 } from '../../../server/core/key-format.ts';
import type { RawTrace } from '../../../server/core/trace.ts';
import { openTraces, type TraceStore } from '../../../server/store/traces/traces.ts';
import type { NewTrace } from '../../../server/store/traces/rows.ts';

type Opened = {
  readonly store: TraceStore;
  readonly path: string;
  readonly logged: string[];
  readonly retry: () => void;
};

function open(): Opened {
  const dir = mkdtempSync(join(tmpdir(), 'inglenook-traces-'));
  const path = join(dir, 'traces.db');
  const logged: string[] = [];
  const waiting: (() => void)[] = [];
  const note = (message: string): void => void logged.push(message);
  const store = openTraces({
    path,
    timers: {
      after: (_delayMs, callback) => {
        waiting.push(callback);
        return () => {};
      },
      every: () => () => {},
    },
    log: { debug: note, info: note, warn: note, error: note },
  });
  onTestFinished(async () => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { store, path, logged, retry: () => waiting.splice(0).forEach((callback) => callback()) };
}

function trace(requestId: string, text: string, timeMs = 1): NewTrace {
  const piece = {
    role: 'user',
    kind: 'text',
    name: null,
    choice: 0,
    text,
    length: text.length,
    keep: 20_000,
  } as const;
  const raw: RawTrace = { asked: [piece], leftOut: 0, answered: [{ ...piece, role: 'assistant' }] };
  const who = { keyId: 'key_1', keyName: 'k', person: null, endUser: null, model: 'm', servedModel: 'm' };
  return { requestId, timeMs, ...who, status: 'ok', why: 'key', raw };
}

it('attack 65: leaves no word of what was erased, in rows, index or write-ahead log, and finds the rest as before', async () => {
  const { store, path } = open();
  const words = Array.from({ length: 40 }, () => Array.from({ length: 150 }, () => randomBase62(12)));
  const dayMs = 86_400_000;
  for (const [index, mine] of words.entries()) {
    store.keep(trace(`req_${index}`, `common ${mine.join(' ')}`, (index % 3) * dayMs));
  }
  expect(await store.ask('sum', 0)).toMatchObject({ count: 40 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const isKept = (index: number): boolean => index % 10 === 0;
  for (const index of words.keys()) {
    if (!isKept(index)) await store.ask('forget', { requestId: `req_${index}` });
  }
  const bytes = [path, `${path}-wal`]
    .map((file) => (existsSync(file) ? readFileSync(file).toString('latin1') : ''))
    .join('')
    .toLowerCase();
  // The index keeps beginnings of words, so those are looked for too.
  const residue = words
    .filter((_mine, index) => !isKept(index))
    .flat()
    .filter((word) => bytes.includes(word.slice(0, 8).toLowerCase()));
  expect(residue).toEqual([]);
  const seek = { filters: {}, limit: 100, beforeSeq: null };
  expect((await store.ask('search', { words: 'common', seek })).hits).toBe(4);
  for (const [index, mine] of words.entries()) {
    if (!isKept(index)) continue;
    const found = await store.ask('search', { words: mine[77] ?? '', seek });
    expect(found.rows.map(({ requestId }) => requestId)).toEqual([`req_${index}`]);
  }
  expect(await store.ask('forget', 'all')).toBe(4);
  expect(await store.ask('search', { words: 'common', seek })).toEqual({ rows: [], hits: 0, next: null });
});

it('keeps what could not be written until it can, in order, and tells once', async () => {
  const { store, path, logged, retry } = open();
  // No file can be made where a folder lies.
  mkdirSync(path);
  store.keep(trace('req_1', 'one'));
  store.keep(trace('req_2', 'two'));
  await expect(store.ask('sum', 0)).rejects.toMatchObject({ status: 503, code: 'traces_unavailable' });
  await expect.poll(() => logged.length).toBe(1);
  rmdirSync(path);
  retry();
  const { rows } = await store.ask('list', { filters: {}, limit: 10, beforeSeq: null });
  expect(rows.map(({ requestId }) => requestId)).toEqual(['req_2', 'req_1']);
  expect(logged).toEqual([expect.stringMatching(/cannot be written/), 'Traces can be written again.']);
});

it('gives up the newest when too many wait, and never throws at who serves', async () => {
  const { store, path, retry } = open();
  mkdirSync(path);
  for (let count = 0; count < 700; count++) store.keep(trace(`req_${count}`, 'words'));
  await expect(store.ask('sum', 0)).rejects.toMatchObject({ status: 503 });
  rmdirSync(path);
  retry();
  expect(await store.ask('sum', 0)).toMatchObject({ count: 500 });
});

it('writes what waits before it closes, and is there again after', async () => {
  const { store, path } = open();
  for (let count = 0; count < 50; count++) store.keep(trace(`req_${count}`, 'words'));
  await store.close();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const timers = { after: () => () => {}, every: () => () => {} };
  const again = openTraces({ path, timers, log });
  expect(await again.ask('sum', 0)).toMatchObject({ count: 50 });
  await again.close();
  store.keep(trace('req_late', 'words'));
});
