/**
 * How often durations were how long, in fixed buckets that grow by a tenth: the least that percentiles over any period
 * can be told from, since histograms add up and percentiles do not. A percentile told from one is at most 5 % from the
 * true one, for durations from 1 ms to 1 h; below and beyond they count as 1 ms and 1 h.
 */
export type Histogram = ReadonlyMap<number, number>;

const growth = 1.1;
const leastMs = 1;
const mostMs = 3_600_000;
const lastBucket = Math.floor(Math.log(mostMs / leastMs) / Math.log(growth));
/** Half a bucket's width, as a share of the value. */
export const percentileError = Math.sqrt(growth) - 1;

export function bucketOf(durationMs: number): number {
  if (!(durationMs > leastMs)) return 0;
  return Math.min(lastBucket, Math.floor(Math.log(durationMs / leastMs) / Math.log(growth)));
}

/** The value in the bucket's middle, in milliseconds to a tenth. */
function middleOf(bucket: number): number {
  return Math.round(leastMs * growth ** (bucket + 0.5) * 10) / 10;
}

/** As it is kept: for each bucket in use its number in one byte and its count in as many as it needs (7 bits each). */
export function packHistogram(histogram: Histogram): Uint8Array | null {
  if (histogram.size === 0) return null;
  const bytes: number[] = [];
  for (const bucket of [...histogram.keys()].toSorted((a, b) => a - b)) {
    bytes.push(bucket);
    let rest = histogram.get(bucket) ?? 0;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Adds what is kept to `into`, one or several after one another; null adds nothing. */
export function unpackInto(into: Map<number, number>, packed: Uint8Array | null): void {
  if (packed === null) return;
  eachBucket(packed, (bucket, count) => into.set(bucket, (into.get(bucket) ?? 0) + count));
}

function eachBucket(packed: Uint8Array, visit: (bucket: number, count: number) => void): void {
  let at = 0;
  while (at < packed.length) {
    const bucket = packed[at++] ?? 0;
    let count = 0;
    let factor = 1;
    for (;;) {
      const byte = packed[at++] ?? 0;
      count += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 0x80;
    }
    visit(bucket, count);
  }
}

/** Two kept histograms as one. */
export function sumOfHistograms(packed: Uint8Array | null, added: Uint8Array | null): Uint8Array | null {
  const histogram = new Map<number, number>();
  unpackInto(histogram, packed);
  unpackInto(histogram, added);
  return packHistogram(histogram);
}

/** Kept histograms, one or several after one another; `sign` −1: to be taken off. */
export type HistogramPart = { readonly packed: Uint8Array; readonly sign: 1 | -1 };

/** Used by one call after the other: a chart has thousands of them. */
const counts = new Float64Array(lastBucket + 1);

/**
 * For each share (0 … 1) the least duration that it does not exceed, of all parts together, in milliseconds; null where
 * nothing was counted.
 */
export function percentilesOf(parts: readonly HistogramPart[], shares: readonly number[]): (number | null)[] {
  counts.fill(0);
  let total = 0;
  for (const { packed, sign } of parts) {
    eachBucket(packed, (bucket, count) => {
      counts[bucket] = (counts[bucket] ?? 0) + sign * count;
      total += sign * count;
    });
  }
  return shares.map((share) => (total > 0 ? middleOf(bucketAt(share * total)) : null));
}

/** The bucket in which so many are reached. */
function bucketAt(wanted: number): number {
  const least = Math.max(1, Math.ceil(wanted));
  let seen = 0;
  for (let bucket = 0; bucket < lastBucket; bucket += 1) {
    seen += counts[bucket] ?? 0;
    if (seen >= least) return bucket;
  }
  return lastBucket;
}
