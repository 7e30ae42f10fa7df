import type { Database } from 'better-sqlite3';
import { bucketOf, packHistogram, sumOfHistograms, unpackInto } from '../../core/histogram.ts';
import { speedOf } from './speed.ts';

/** What the ledger's SQL computes with histograms; every connection that reads or writes it needs them. */
export function addLedgerFunctions(db: Database): void {
  db.function('histogram_plus', { deterministic: true }, (packed: unknown, added: unknown) =>
    added === null ? packed : toBlob(sumOfHistograms(bytesOf(packed), bytesOf(added))),
  );
  // From durations in tenths of a millisecond; null is none.
  db.aggregate('histogram_of', {
    start: () => new Map<number, number>(),
    step: (histogram: Map<number, number>, tenths: unknown) => {
      if (tenths === null) return;
      const bucket = bucketOf(Number(tenths) / 10);
      histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
    },
    result: (histogram) => toBlob(packHistogram(histogram)),
  });
  // Of how fast answers were written, from their tokens and tenths of a millisecond.
  db.aggregate('speeds_of', {
    start: () => new Map<number, number>(),
    // The library passes as many values as this has parameters; its types know of one.
    step: countSpeed as (histogram: Map<number, number>, next: unknown) => void,
    result: (histogram) => toBlob(packHistogram(histogram)),
  });
  db.aggregate('histograms_sum', {
    start: () => new Map<number, number>(),
    step: (histogram: Map<number, number>, packed: unknown) => unpackInto(histogram, bytesOf(packed)),
    result: (histogram) => toBlob(packHistogram(histogram)),
  });
}

function countSpeed(
  histogram: Map<number, number>,
  completion: unknown,
  firstToken: unknown,
  total: unknown,
): void {
  const speed = speedOf({
    completion: Number(completion),
    firstToken: firstToken === null ? null : Number(firstToken),
    total: Number(total),
  });
  if (speed === null) return;
  const bucket = bucketOf(speed);
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
}

function bytesOf(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

/** The library takes Buffers only. */
function toBlob(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
