import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFileServer } from '../../fakes/file-server.ts';
import { ggufBytes } from '../../fakes/gguf-file.ts';
import { bigModel, createBench } from './bench.ts';

const model = bigModel();
const path = '/models/Tiny-Q4_K_M.gguf';

describe('a download', () => {
  it('fetches the file in parts, checks it and puts it in its place', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench({ knownName: (uri) => (uri === server.origin + path ? 'Tiny' : null) });
    const asked = bench.queue.add(server.origin + path);
    expect(asked.name).toBe('Tiny');
    expect([asked.state, asked.uri]).toEqual(['downloading', server.origin + path]);
    const ready = await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(model)).toBe(true);
    expect([ready.name, ready.doneBytes, ready.totalBytes, bench.rescans()]).toEqual([
      'Tiny-Q4_K_M.gguf',
      model.length,
      model.length,
      1,
    ]);
    expect(bench.onDisk()).toEqual(['Tiny-Q4_K_M.gguf']);
    expect(ready.about).toMatchObject({
      architecture: 'llama',
      contextTokens: 2048,
      quantisation: 'q4_k_m',
      sizeBytes: model.length,
      isResumable: true,
      hasChecksum: false,
    });
    // One byte to ask, the header, and pieces that together are the file once.
    const pieces = server.asked.slice(2).map(({ range }) => (range?.to ?? 0) - (range?.from ?? 0));
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.reduce((sum, bytes) => sum + bytes, 0)).toBe(model.length);
  });

  it('that was asked for again is the same one, and is not fetched twice', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    const first = bench.queue.add(server.origin + path);
    expect(bench.queue.add(` ${server.origin}${path} `).id).toBe(first.id);
    const ready = await bench.until('ready');
    const count = server.asked.length;
    expect(bench.queue.add(server.origin + path).state).toBe('ready');
    expect(server.asked).toHaveLength(count);
    rmSync(ready.path ?? '');
    bench.queue.add(server.origin + path);
    await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(model)).toBe(true);
  });

  it('goes on where a cut connection left it', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => (count === 5 ? { cutAfter: 40_000 } : null);
    bench.queue.add(server.origin + path);
    const stalled = await bench.until('stalled');
    expect(stalled.reason).toBe('The source cut the connection.');
    expect([stalled.attempt, stalled.bytesPerSecond, stalled.doneBytes]).toEqual([1, 0, 240_000]);
    expect(stalled.retryAtMs).toBe(bench.time.clock.nowMs() + 1000);
    bench.time.advance(1000);
    const ready = await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(model)).toBe(true);
    expect(server.asked[5]?.range).toEqual({ from: 240_000, to: 340_000 });
    expect([ready.reason, ready.attempt]).toEqual([null, 0]);
  });

  it('lets the other connections do the work of one that breaks', async () => {
    const server = await startFileServer({ [path]: bigModel(8_000_000) });
    const bench = createBench();
    server.fault = (_asked, count) => (count === 4 ? { status: 503 } : null);
    bench.queue.add(server.origin + path);
    const ready = await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(server.files.get(path) as Buffer)).toBe(true);
  });

  it('is stalled after 15 s without a byte, and tries again with growing patience', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) =>
      count === 3 ? { stallAfter: 30_000 } : count < 7 && count > 3 ? { stallAfter: 0 } : null;
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(30_000);
    expect(bench.queue.list()[0]).toMatchObject({ state: 'downloading', bytesPerSecond: 30_000 });
    bench.time.advance(14_999);
    expect(bench.queue.list()[0]).toMatchObject({ state: 'downloading', bytesPerSecond: 0 });
    bench.time.advance(1);
    expect(await bench.until('stalled')).toMatchObject({
      attempt: 1,
      reason: 'The source has sent nothing for 15 seconds.',
    });
    for (const [attempt, waitMs] of [
      [1, 1000],
      [2, 2000],
      [3, 4000],
    ] as const) {
      const before = server.asked.length;
      const [download] = bench.queue.list();
      expect([download?.attempt, (download?.retryAtMs ?? 0) - bench.time.clock.nowMs()]).toEqual([
        attempt,
        waitMs,
      ]);
      bench.time.advance(waitMs);
      await expect.poll(() => server.asked.length).toBe(before + 1);
      await new Promise((resolve) => setImmediate(resolve));
      bench.time.advance(15_000);
      await bench.until('stalled');
    }
    bench.queue.resume(bench.queue.list()[0]?.id ?? '');
    expect(readFileSync((await bench.until('ready')).path ?? '').equals(model)).toBe(true);
  });

  it.each([401, 403, 404])('stops at once at %d and says why', async (status) => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    server.fault = () => ({ status });
    bench.queue.add(server.origin + path);
    const failed = await bench.until('failed');
    expect(failed.reason).toContain(`(${status})`);
    expect([failed.retryAtMs, server.asked.length]).toEqual([null, 1]);
  });

  it('waits as long as a busy source asks', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    server.fault = (_asked, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '120' } } : null;
    bench.queue.add(server.origin + path);
    const stalled = await bench.until('stalled');
    expect(stalled.retryAtMs).toBe(bench.time.clock.nowMs() + 120_000);
  });

  it('comes in one go from a server that gives no parts, and begins anew after a cut', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    server.fault = (_asked, count) => (count === 3 ? { cutAfter: 50_000 } : { noRange: true });
    bench.queue.add(server.origin + path);
    const stalled = await bench.until('stalled');
    expect([stalled.doneBytes, stalled.about?.isResumable]).toEqual([0, false]);
    bench.time.advance(1000);
    const ready = await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(model)).toBe(true);
    expect(server.asked.map(({ range }) => range === null)).toEqual([false, true, true, true]);
  });

  it('begins anew when the file at the source is another one', async () => {
    const server = await startFileServer({ [path]: model });
    const other = bigModel(700_000);
    server.headers.set(path, { etag: '"one"' });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => {
      if (count === 4) {
        server.files.set(path, other);
        server.headers.set(path, { etag: '"two"' });
      }
      return null;
    };
    bench.queue.add(server.origin + path);
    expect((await bench.until('stalled')).reason).toContain('has changed');
    bench.time.advance(1000);
    const ready = await bench.until('ready');
    expect(readFileSync(ready.path ?? '').equals(other)).toBe(true);
  });

  it('is refused by its checksum, its part is deleted, and a retry starts from nothing', async () => {
    const server = await startFileServer({ [path]: model });
    server.headers.set(path, { 'x-linked-etag': `"${'0'.repeat(64)}"` });
    const bench = createBench();
    bench.queue.add(server.origin + path);
    const failed = await bench.until('failed');
    expect(failed.reason).toContain('checksum differs');
    expect(bench.onDisk()).toEqual([]);
    server.headers.set(path, { 'x-linked-etag': createHash('sha256').update(model).digest('hex') });
    bench.queue.resume(failed.id);
    expect((await bench.until('ready')).about?.hasChecksum).toBe(true);
  });

  it('fails before the rest is fetched when the header is no model’s', async () => {
    const server = await startFileServer({ [path]: Buffer.alloc(5_000_000, '<html>') });
    const bench = createBench();
    bench.queue.add(server.origin + path);
    const failed = await bench.until('failed');
    expect(failed.reason).toBe('The file Tiny-Q4_K_M.gguf at the source is not a GGUF model.');
    expect([server.asked.length, bench.onDisk()]).toEqual([2, []]);
  });

  it('fails when the source’s file is shorter than its own header says', async () => {
    const server = await startFileServer({ [path]: model.subarray(0, 400) });
    const bench = createBench();
    bench.queue.add(server.origin + path);
    expect((await bench.until('failed')).reason).toContain('cut off');
  });

  it('of a model in several files fetches all of them, whichever was named', async () => {
    const parts = [1, 2, 3].map((number) => `/m/Big-Q8_0-0000${number}-of-00003.gguf`);
    const server = await startFileServer(
      Object.fromEntries(parts.map((part, index) => [part, bigModel(50_000 + index)])),
    );
    const bench = createBench();
    bench.queue.add(server.origin + String(parts[1]));
    const ready = await bench.until('ready');
    expect(ready).toMatchObject({ name: 'Big-Q8_0-00001-of-00003.gguf', about: { fileCount: 3 } });
    expect(bench.onDisk().sort()).toEqual(parts.map((part) => part.slice(3)));
  });
});

describe('pause, resume and cancel', () => {
  it('keep the part and go on from it', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => (count === 4 ? { stallAfter: 10_000 } : null);
    const { id } = bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(110_000);
    const paused = await bench.queue.pause(id);
    expect([paused.state, paused.doneBytes, bench.onDisk()]).toEqual([
      'paused',
      110_000,
      ['Tiny-Q4_K_M.gguf.part'],
    ]);
    expect((await bench.queue.pause(id)).state).toBe('paused');
    bench.queue.resume(id);
    expect(readFileSync((await bench.until('ready')).path ?? '').equals(model)).toBe(true);
    expect(server.asked[4]?.range?.from).toBe(110_000);
    await expect(bench.queue.pause(id)).rejects.toThrow('not under way');
  });

  it('cancelled keeps the part only when asked to, and removed leaves nothing', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => (count % 3 === 0 ? { stallAfter: 10_000 } : null);
    const { id } = bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(10_000);
    expect(await bench.queue.cancel(id, true)).toMatchObject({ state: 'cancelled', doneBytes: 10_000 });
    expect(bench.onDisk()).toEqual(['Tiny-Q4_K_M.gguf.part']);
    expect(await bench.queue.cancel(id, false)).toMatchObject({ state: 'cancelled', doneBytes: 0 });
    expect(existsSync(bench.modelsDir) && bench.onDisk()).toEqual([]);
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(10_000);
    await bench.queue.remove(id);
    expect([bench.queue.list(), bench.onDisk()]).toEqual([[], []]);
    expect(bench.restarted().queue.list()).toEqual([]);
  });

  it('survive a change of mind while the connection is being ended', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    server.fault = (_asked, count) => (count === 3 ? { stallAfter: 10_000 } : null);
    const { id } = bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBeGreaterThan(0);
    const pausing = bench.queue.pause(id);
    bench.queue.resume(id);
    await pausing;
    await bench.until('ready');
  });

  it('leave a finished model where it is when its download is taken off the list', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    const { id } = bench.queue.add(server.origin + path);
    await bench.until('ready');
    await bench.queue.remove(id);
    expect(bench.onDisk()).toEqual(['Tiny-Q4_K_M.gguf']);
    bench.queue.add(server.origin + path);
    expect((await bench.until('failed')).reason).toContain('in the models folder already');
    expect(bench.onDisk()).toEqual(['Tiny-Q4_K_M.gguf']);
  });
});

describe('a restart of the server', () => {
  it('in the middle goes on with what is here', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => (count === 4 ? { stallAfter: 10_000 } : null);
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(110_000);
    await bench.queue.stop();
    const next = bench.restarted();
    next.settings.parallel = 1;
    next.queue.begin();
    expect(readFileSync((await next.until('ready')).path ?? '').equals(model)).toBe(true);
    expect(server.asked[4]?.range?.from).toBe(110_000);
    expect(server.asked).toHaveLength(4 + 5);
  });

  it('that was a crash goes on from what had reached the disk by then', async () => {
    const server = await startFileServer({ [path]: model });
    const held = Promise.withResolvers<void>();
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => {
      if (count === 4) return { holdAfter: 50_000, until: held.promise };
      return count === 5 ? { stallAfter: 10_000 } : null;
    };
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(150_000);
    bench.time.advance(2000);
    held.resolve();
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(210_000);
    // Not stopped: the old queue notes nothing more.
    const next = bench.restarted();
    next.queue.begin();
    const known = next.queue.list()[0]?.doneBytes ?? 0;
    expect([known > 150_000, known <= 200_000]).toEqual([true, true]);
    expect(readFileSync((await next.until('ready')).path ?? '').equals(model)).toBe(true);
  });

  it('that was a crash fetches again what was not yet noted, and trusts no lost part', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.settings.parallel = 1;
    server.fault = (_asked, count) => (count === 4 ? { stallAfter: 10_000 } : null);
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBe(110_000);
    await bench.queue.stop();
    writeFileSync(join(bench.modelsDir, ...partOf(bench)), 'short');
    const next = bench.restarted();
    next.queue.begin();
    expect(readFileSync((await next.until('ready')).path ?? '').equals(model)).toBe(true);
  });

  it('keeps what was paused paused, and what failed with its reason', async () => {
    const server = await startFileServer({});
    const bench = createBench();
    bench.queue.add(`${server.origin}/nothing.gguf`);
    await bench.until('failed');
    const next = bench.restarted();
    next.queue.begin();
    expect(next.queue.list()[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining('(404)') });
  });

  it('does nothing but say so when Inglenook may not go online', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench({ isOffline: () => true });
    expect(() => bench.queue.add(server.origin + path)).toThrow('INGLENOOK_OFFLINE=1');
    expect([server.asked, bench.queue.list()]).toEqual([[], []]);
  });

  function partOf(bench: ReturnType<typeof createBench>): string[] {
    const [download] = bench.queue.list();
    return `${(download?.path ?? '').slice(bench.modelsDir.length + 1)}.part`.split('/');
  }
});

describe('the disk', () => {
  it('is never filled: a download waits until there is room', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    bench.disk.freeBytes = 5e9 + model.length - 1;
    bench.queue.add(server.origin + path);
    const waiting = await bench.until('no-space');
    expect(waiting.reason).toMatch(/5\.0 GB shall stay free/);
    expect(bench.onDisk()).toEqual([]);
    bench.disk.freeBytes += 1;
    bench.time.advance(60_000);
    await bench.until('ready');
  });

  it('is watched while something is fetched, for others fill it, too', async () => {
    const server = await startFileServer({ [path]: model });
    const bench = createBench();
    server.fault = (_asked, count) => (count === 3 ? { stallAfter: 10_000 } : null);
    bench.queue.add(server.origin + path);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes).toBeGreaterThan(0);
    bench.disk.freeBytes = 5e9 - 1;
    bench.time.advance(1000);
    await bench.until('no-space');
    expect(bench.onDisk()).toEqual(['Tiny-Q4_K_M.gguf.part']);
  });
});

it('two run at a time, the others wait for their turn', async () => {
  const server = await startFileServer({});
  const held = Promise.withResolvers<void>();
  for (const name of ['a', 'b', 'c']) server.files.set(`/${name}.gguf`, ggufBytes());
  server.fault = ({ path: asked }) => (asked === '/c.gguf' ? null : { holdAfter: 0, until: held.promise });
  const bench = createBench();
  for (const name of ['a', 'b', 'c']) bench.queue.add(`${server.origin}/${name}.gguf`);
  expect(bench.queue.list().map(({ state }) => state)).toEqual(['downloading', 'downloading', 'waiting']);
  held.resolve();
  await expect.poll(() => bench.queue.list().map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
});
