import type { Database } from 'better-sqlite3';
import { bucketOf, packHistogram, sumOfHistograms, unpackInto } from '../../core/histogram.ts';

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
  db.aggregate('histograms_sum', {
    start: () => new Map<number, number>(),
    step: (histogram: Map<number, number>, packed: unknown) => unpackInto(histogram, bytesOf(packed)),
    result: (histogram) => toBlob(packHistogram(histogram)),
  });
}

function bytesOf(value: unknown): Uint8Array | null {
  return value instanceof Uint8Array ? value : null;
}

/** The library takes Buffers only. */
function toBlob(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
