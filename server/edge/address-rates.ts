import { emptyNothing, inBucket, take, waitForMs, type Bucket } from '../core/bucket.ts';

/** How many requests each address may still make; a token bucket each. */
export type AddressRates = {
  /** Counts one request. @returns how long the address has to wait, in milliseconds; 0: it may go on */
  readonly take: (group: string, perMinute: number) => number;
};

/** Bounds the memory; whoever is quiet for longest has the fullest bucket, so forgetting it gives the least away. */
const mostKept = 10_000;
/** A page or a tool that starts asks for much at once: so many seconds' worth at a time. */
const burstSeconds = 10;

export function createAddressRates(monotonicMs: () => number): AddressRates {
  const buckets = new Map<string, Bucket>();
  return {
    take(group, perMinute) {
      const nowMs = monotonicMs();
      const size = { perMinute, capacity: Math.max(10, Math.ceil((perMinute * burstSeconds) / 60)) };
      const bucket = buckets.get(group) ?? { ...emptyNothing(), atMs: nowMs };
      // Deleted and set again: a Map keeps the order, so the first entry is the quietest address.
      buckets.delete(group);
      buckets.set(group, bucket);
      if (buckets.size > mostKept) buckets.delete(buckets.keys().next().value ?? '');
      if (inBucket(bucket, size, nowMs) < 1) return waitForMs(bucket, size, 1, nowMs);
      take(bucket, size, 1, nowMs);
      return 0;
    },
  };
}
