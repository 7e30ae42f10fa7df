import { expect, it } from 'vitest';
import { createLive, type LiveTime } from '../../../server/record/live.ts';
import type { LivePacket } from '../../../server/wire/events.ts';

/** Time that moves only when told to. */
function createTime(): LiveTime & { readonly advance: (ms: number) => void; readonly pending: () => number } {
  let nowMs = 0;
  const timers = new Map<() => void, number>();
  return {
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      timers.set(callback, nowMs + delayMs);
      return () => timers.delete(callback);
    },
    advance(ms) {
      nowMs += ms;
      for (const [callback, dueMs] of timers) {
        if (dueMs > nowMs) continue;
        timers.delete(callback);
        callback();
      }
    },
    pending: () => timers.size,
  };
}

const changed: LivePacket = { type: 'keys-changed' };
const models = (count: number): LivePacket => ({
  type: 'models',
  models: Array.from({ length: count }, (_, index) => ({ id: `m${index}` })) as never,
});

function collect(live: ReturnType<typeof createLive>): {
  seen: LivePacket[];
  ended: number;
  unsubscribe: () => void;
} {
  const result = { seen: [] as LivePacket[], ended: 0, unsubscribe: () => undefined as void };
  result.unsubscribe = live.subscribe({
    onPacket: (packet) => result.seen.push(packet),
    onEnd: () => (result.ended += 1),
  });
  return result;
}

it('sends the first state at once, then at most one in 200 ms, the latest winning', () => {
  const time = createTime();
  const live = createLive(time);
  const { seen } = collect(live);
  for (let count = 1; count <= 50; count++) live.publish(models(count));
  expect(seen).toEqual([models(1)]);
  time.advance(199);
  expect(seen).toHaveLength(1);
  time.advance(1);
  expect(seen).toEqual([models(1), models(50)]);
  live.publish(models(51));
  time.advance(200);
  expect(seen.at(-1)).toEqual(models(51));
  time.advance(1000);
  live.publish(models(52));
  expect(seen).toHaveLength(4);
});

it('sends at most five states in any second of steady change', () => {
  const time = createTime();
  const live = createLive(time);
  const { seen } = collect(live);
  for (let step = 0; step < 1000; step++) {
    live.publish(models(step % 7));
    time.advance(1);
  }
  expect(seen.length).toBeLessThanOrEqual(6);
  expect(seen.length).toBeGreaterThanOrEqual(5);
});

it('sends events at once and each of them', () => {
  const live = createLive(createTime());
  const { seen } = collect(live);
  for (let count = 0; count < 3; count++) live.publish(changed);
  expect(seen).toEqual([changed, changed, changed]);
});

it('drops an onlooker that throws, and the others go on', () => {
  const live = createLive(createTime());
  let calls = 0;
  live.subscribe({
    onPacket() {
      calls += 1;
      throw new Error('broken');
    },
    onEnd: () => undefined,
  });
  const { seen } = collect(live);
  live.publish(changed);
  live.publish(changed);
  expect([calls, seen.length]).toEqual([1, 2]);
});

it('ends everything on close, once, and tells late comers right away', () => {
  const time = createTime();
  const live = createLive(time);
  const early = collect(live);
  const gone = collect(live);
  gone.unsubscribe();
  live.publish(models(1));
  live.publish(models(2));
  live.close();
  live.close();
  live.publish(changed);
  time.advance(1000);
  expect([early.ended, gone.ended, early.seen, time.pending()]).toEqual([1, 0, [models(1)], 0]);
  expect(collect(live).ended).toBe(1);
});
