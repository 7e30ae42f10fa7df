import { describe, expect, it } from 'vitest';
import { createPace } from '../../../server/engines/builtin/supply/download-pace.ts';
import { isWithinHours, msUntilHoursTurn } from '../../../server/engines/builtin/supply/download-hours.ts';
import { hoursInWords, readHours } from '../../../server/wire/daily-hours.ts';
import { startFileServer } from '../../fakes/file-server.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { bigModel, createBench, type Bench } from './bench.ts';

const model = bigModel();

function names(bench: Bench): string[] {
  return bench.queue.list().map(({ uri }) => uri.split('/').at(-1) ?? '');
}

async function threeWaiting(bench: Bench): Promise<string[]> {
  const server = await startFileServer({ '/a.gguf': model, '/b.gguf': model, '/c.gguf': model });
  bench.settings.isHeld = true;
  return ['a', 'b', 'c'].map((name) => bench.queue.add(`${server.origin}/${name}.gguf`).id);
}

describe('the turns of downloads', () => {
  it('are changed one by one, and are the same after a restart', async () => {
    const bench = createBench();
    const [a = '', , c = ''] = await threeWaiting(bench);
    expect(bench.queue.move(c, 'up').id).toBe(c);
    expect(names(bench)).toEqual(['a.gguf', 'c.gguf', 'b.gguf']);
    bench.queue.move(a, 'down');
    expect(names(bench)).toEqual(['c.gguf', 'a.gguf', 'b.gguf']);
    // The first has nobody before it.
    bench.queue.move(c, 'up');
    expect(names(bench)).toEqual(['c.gguf', 'a.gguf', 'b.gguf']);
    await bench.queue.stop();
    const later = bench.restarted();
    later.queue.begin();
    expect(names(later)).toEqual(['c.gguf', 'a.gguf', 'b.gguf']);
  });

  it('decide what is fetched first, and one that has ended has none', async () => {
    const server = await startFileServer({ '/a.gguf': model, '/b.gguf': model, '/c.gguf': model });
    const bench = createBench();
    bench.settings.isHeld = true;
    const ids = ['a', 'b', 'c'].map((name) => bench.queue.add(`${server.origin}/${name}.gguf`).id);
    bench.queue.move(ids[2] ?? '', 'up');
    bench.queue.move(ids[2] ?? '', 'up');
    bench.settings.isHeld = false;
    bench.queue.follow();
    // Two at a time.
    expect(bench.queue.list().map(({ state }) => state)).toEqual(['downloading', 'downloading', 'waiting']);
    expect(names(bench).slice(0, 2)).toEqual(['c.gguf', 'a.gguf']);
    await bench.until('ready');
    expect(() => bench.queue.move(ids[2] ?? '', 'down')).toThrow(/ended/);
  });
});

describe('all downloads', () => {
  it('wait from the moment on in which Inglenook may not go online any more, also over a restart, and go on', async () => {
    const server = await startFileServer({ '/a.gguf': model });
    let isOffline = false;
    const bench = createBench({ isOffline: () => isOffline });
    const held = Promise.withResolvers<void>();
    server.fault = (_asked, count) => (count > 3 ? { holdAfter: 50_000, until: held.promise } : null);
    bench.queue.add(`${server.origin}/a.gguf`);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes ?? 0).toBeGreaterThan(0);
    isOffline = true;
    bench.queue.follow();
    await expect.poll(() => bench.queue.list()[0]?.state).toBe('waiting');
    const asked = server.asked.length;
    await bench.queue.stop();
    const later = bench.restarted();
    later.queue.begin();
    expect(later.queue.list()[0]).toMatchObject({ state: 'waiting', heldBy: 'offline' });
    expect(() => later.queue.resume(later.queue.list()[0]?.id ?? '')).toThrow('never go online');
    expect(server.asked).toHaveLength(asked);
    held.resolve();
    server.fault = () => null;
    isOffline = false;
    later.queue.follow();
    expect((await later.until('ready')).heldBy).toBeNull();
  });

  it('wait while the owner has paused them, keep what is here, and go on', async () => {
    const server = await startFileServer({ '/a.gguf': model });
    const bench = createBench();
    const held = Promise.withResolvers<void>();
    server.fault = (_asked, count) => (count > 3 ? { holdAfter: 50_000, until: held.promise } : null);
    bench.queue.add(`${server.origin}/a.gguf`);
    await expect.poll(() => bench.queue.list()[0]?.doneBytes ?? 0).toBeGreaterThan(0);
    bench.settings.isHeld = true;
    bench.queue.follow();
    await expect.poll(() => bench.queue.list()[0]?.state).toBe('waiting');
    const [waiting] = bench.queue.list();
    expect(waiting).toMatchObject({ heldBy: 'owner', reason: null });
    expect(waiting?.doneBytes).toBeGreaterThan(0);
    held.resolve();
    server.fault = () => null;
    bench.settings.isHeld = false;
    bench.queue.follow();
    expect((await bench.until('ready')).heldBy).toBeNull();
  });

  it('begin with their hours and stop with them, whenever the server looks', async () => {
    const server = await startFileServer({ '/a.gguf': model });
    const bench = createBench();
    // The fake calendar stands at noon UTC; what that is here is the computer's to say.
    const now = new Date(bench.time.clock.nowMs());
    const minute = now.getHours() * 60 + now.getMinutes();
    bench.settings.hours = { fromMinute: (minute + 2) % 1440, untilMinute: (minute + 60) % 1440 };
    bench.queue.follow();
    bench.queue.add(`${server.origin}/a.gguf`);
    expect(bench.queue.list()[0]).toMatchObject({ state: 'waiting', heldBy: 'hours' });
    bench.time.advance(60_000);
    expect(bench.queue.list()[0]?.state).toBe('waiting');
    bench.time.advance(60_000);
    expect(bench.queue.list()[0]?.state).toBe('downloading');
    await bench.until('ready');
  });

  it('tell after how many tries one was given up', async () => {
    const server = await startFileServer({});
    const bench = createBench();
    bench.queue.add(`${server.origin}/nothing.gguf`);
    const failed = await bench.until('failed');
    expect([failed.tries, failed.endedMs]).toEqual([1, bench.time.clock.nowMs()]);
    await bench.queue.stop();
    const later = bench.restarted();
    later.queue.begin();
    expect(later.queue.list()[0]).toMatchObject({ state: 'failed', tries: 1 });
  });
});

describe('hours of the day', () => {
  const at = (hour: number, minute = 0): number => new Date(2026, 10, 23, hour, minute).getTime();
  const night = readHours('22:00-06:00');

  it('go on over midnight, and the end is no part of them', () => {
    const within = [
      [21, 59],
      [22, 0],
      [23, 59],
      [0, 0],
      [5, 59],
      [6, 0],
      [12, 0],
    ].map(([hour = 0, minute = 0]) => isWithinHours(night, at(hour, minute)));
    expect(within).toEqual([false, true, true, true, true, false, false]);
    expect(isWithinHours(readHours('08:00-17:30'), at(17, 29))).toBe(true);
    expect(isWithinHours(readHours('08:00-17:30'), at(17, 30))).toBe(false);
    expect(isWithinHours(readHours('08:00-08:00'), at(3))).toBe(true);
  });

  it('tell how long until they may turn', () => {
    expect(msUntilHoursTurn(night, at(21, 30))).toBe(30 * 60_000);
    expect(msUntilHoursTurn(night, at(22))).toBe(8 * 3_600_000);
    expect(msUntilHoursTurn(night, at(5, 59) + 30_000)).toBe(30_000);
  });

  it('are written as they are read', () => {
    expect(['22:00-06:00', '00:05-23:59'].map((text) => hoursInWords(readHours(text)))).toEqual([
      '22:00-06:00',
      '00:05-23:59',
    ]);
    expect(hoursInWords(null)).toBeNull();
  });
});

describe('the pace of all downloads together', () => {
  it('holds up whoever has had more than a second’s worth, and lets go when the limit does', async () => {
    const time = createManualTime();
    let most: number | null = 1000;
    const pace = createPace({
      mostBytesPerSecond: () => most,
      monotonicMs: time.clock.monotonicMs,
      timers: time.timers,
    });
    const { signal } = new AbortController();
    let passed = 0;
    const take = (bytes: number): void => void pace(bytes, signal).then(() => (passed += 1));
    take(500);
    take(500);
    expect(time.waiting()).toEqual([500, 1000]);
    time.advance(499);
    await Promise.resolve();
    expect(passed).toBe(0);
    time.advance(501);
    await expect.poll(() => passed).toBe(2);
    most = null;
    await pace(10_000_000, signal);
    expect(time.waiting()).toEqual([]);
  });

  it('lets go at once of one that is given up', async () => {
    const time = createManualTime();
    const given = new AbortController();
    const pace = createPace({
      mostBytesPerSecond: () => 1,
      monotonicMs: time.clock.monotonicMs,
      timers: time.timers,
    });
    const waiting = pace(1_000_000, given.signal);
    given.abort();
    await waiting;
    expect(time.waiting()).toEqual([]);
  });
});
