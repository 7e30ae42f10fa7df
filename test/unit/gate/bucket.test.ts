import fc from 'fast-check';
import { expect, it } from 'vitest';
import { emptyNothing, inBucket, take, waitForMs } from '../../../server/core/bucket.ts';

const steps = fc.array(
  fc.record({ pauseMs: fc.integer({ min: 0, max: 30_000 }), need: fc.integer({ min: 1, max: 50 }) }),
  { minLength: 1, maxLength: 60 },
);
const sizes = fc.record({
  perMinute: fc.integer({ min: 1, max: 600 }),
  capacity: fc.integer({ min: 1, max: 100 }),
});

it('lets through, in any stretch of time, at most what it holds and what goes in meanwhile', () => {
  fc.assert(
    fc.property(sizes, steps, (size, wanted) => {
      const bucket = emptyNothing();
      const taken: { atMs: number; amount: number }[] = [];
      let nowMs = 0;
      for (const { pauseMs, need } of wanted) {
        nowMs += pauseMs;
        const amount = Math.min(need, size.capacity);
        if (waitForMs(bucket, size, amount, nowMs) > 0) continue;
        take(bucket, size, amount, nowMs);
        taken.push({ atMs: nowMs, amount });
      }
      for (const [first, { atMs: fromMs }] of taken.entries()) {
        let sum = 0;
        for (const { atMs, amount } of taken.slice(first)) {
          sum += amount;
          const most = size.capacity + ((atMs - fromMs) * size.perMinute) / 60_000;
          expect(sum).toBeLessThanOrEqual(most + 1e-6);
        }
      }
    }),
  );
});

it('says exactly how long to wait: then it is enough, and a moment sooner it is not', () => {
  fc.assert(
    fc.property(sizes, steps, (size, wanted) => {
      const bucket = emptyNothing();
      for (const { need } of wanted) take(bucket, size, need, 0);
      const need = Math.min(wanted[0]?.need ?? 1, size.capacity);
      const waitMs = waitForMs(bucket, size, need, 0);
      expect(inBucket(bucket, size, waitMs)).toBeGreaterThanOrEqual(need - 1e-6);
      if (waitMs > 1) expect(inBucket(bucket, size, waitMs - 1)).toBeLessThan(need);
    }),
  );
});

it('takes back what was not needed, never beyond full, and a clock that stands still harms nothing', () => {
  const size = { perMinute: 60, capacity: 10 };
  const bucket = emptyNothing();
  take(bucket, size, 8, 1000);
  take(bucket, size, -50, 1000);
  expect(inBucket(bucket, size, 1000)).toBe(10);
  take(bucket, size, 25, 1000);
  expect(inBucket(bucket, size, 1000)).toBe(-15);
  expect(inBucket(bucket, size, 500)).toBe(-15);
  expect(waitForMs(bucket, size, 1, 1000)).toBe(16_000);
});
