/**
 * A token bucket, kept as what has been taken out: it fills up again with time, and may owe more than it holds. So it is
 * right at once when its size is changed.
 */
export type Bucket = { taken: number; atMs: number };

/** What goes in per minute, and what it holds when it is full. Times are monotonic. */
export type BucketSize = { readonly perMinute: number; readonly capacity: number };

const minuteMs = 60_000;

export function emptyNothing(): Bucket {
  return { taken: 0, atMs: 0 };
}

export function inBucket(bucket: Bucket, size: BucketSize, nowMs: number): number {
  return size.capacity - takenNow(bucket, size, nowMs);
}

/** How long until so much is in it, in milliseconds; 0 for now. More than it can hold is waited for as if it were full. */
export function waitForMs(bucket: Bucket, size: BucketSize, need: number, nowMs: number): number {
  const missing = Math.min(need, size.capacity) - inBucket(bucket, size, nowMs);
  return missing <= 0 ? 0 : (missing / size.perMinute) * minuteMs;
}

/** Also below nothing; a negative amount gives back. */
export function take(bucket: Bucket, size: BucketSize, amount: number, nowMs: number): void {
  bucket.taken = Math.max(0, takenNow(bucket, size, nowMs) + amount);
  bucket.atMs = nowMs;
}

function takenNow({ taken, atMs }: Bucket, { perMinute }: BucketSize, nowMs: number): number {
  return Math.max(0, taken - (Math.max(0, nowMs - atMs) * perMinute) / minuteMs);
}
