import type { Clock, Timers } from '../core/clock.ts';

/** An answer to be given again, dialect-neutral; never written anywhere but into this memory. */
export type KeptAnswer = {
  /** Which engine and model made it. */
  readonly engine: string;
  readonly servedModel: string;
  /** What was answered, as JSON. */
  readonly json: string;
};

/** What the owner allows, read at each use. */
export type CacheBounds = {
  /** Of all answers together; 0 keeps none. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
};

/** Counts since the server's start. */
export type CacheTally = {
  readonly answers: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
};

/**
 * Answers in memory, by the key of `answer-key.ts`, bounded in bytes and age: what was used longest ago goes first. They
 * are what people have asked and been told, so they never reach a disk and end with the process.
 */
export type AnswerCache = {
  readonly find: (key: string) => KeptAnswer | null;
  /**
   * Keeps an answer that a key has made. `since` is what `epoch` was when the answer began: one that was under way while
   * answers were forgotten is not kept.
   */
  readonly keep: (
    key: string,
    answer: KeptAnswer & { readonly keyId: string; readonly since: number },
  ) => void;
  readonly epoch: () => number;
  /** One answer must not push out all others: longer ones are not kept. */
  readonly mostBytesOfOne: () => number;
  /** Everything made with this key, also where others share it. */
  readonly forgetKey: (keyId: string) => void;
  /** Leaves nothing behind, no timer either. */
  readonly forgetAll: () => void;
  /** Call when the bounds have changed, to keep to them at once. */
  readonly trim: () => void;
  readonly tally: () => CacheTally;
};

type AnswerCacheOptions = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly bounds: () => CacheBounds;
};

type Kept = Omit<KeptAnswer, 'json'> & {
  readonly json: Buffer;
  readonly keyId: string;
  readonly keptMs: number;
};

/** The entry itself, its key and its place in the map, beside the answer's own bytes. */
const entryBytes = 512;
/** What is too old is let go although nobody asks for it. */
const sweepMs = 60_000;
const largestShare = 1 / 4;
/** It is read in one go, and others wait meanwhile. */
const mostBytesOfAny = 8_000_000;

export function createAnswerCache({ clock, timers, bounds }: AnswerCacheOptions): AnswerCache {
  /** A map keeps the order: what is used is put at its end, so the first was used longest ago. */
  const kept = new Map<string, Kept>();
  let bytes = 0;
  let epoch = 0;
  let hits = 0;
  let misses = 0;
  let stopSweep: (() => void) | null = null;

  function drop(key: string, answer: Kept): void {
    kept.delete(key);
    bytes -= sizeOf(answer.json);
  }
  function dropWhere(isMeant: (answer: Kept) => boolean): void {
    for (const [key, answer] of kept) if (isMeant(answer)) drop(key, answer);
  }
  function isTooOld({ keptMs }: Kept, { maxAgeMs }: CacheBounds): boolean {
    return clock.monotonicMs() - keptMs >= maxAgeMs;
  }
  function trim(): void {
    const now = bounds();
    dropWhere((answer) => isTooOld(answer, now));
    for (const [key, answer] of kept) {
      if (bytes <= now.maxBytes) return;
      drop(key, answer);
    }
  }
  function sweepLater(): void {
    if (stopSweep !== null || kept.size === 0) return;
    stopSweep = timers.after(sweepMs, () => {
      stopSweep = null;
      trim();
      sweepLater();
    });
  }
  const mostBytesOfOne = (): number => Math.min(mostBytesOfAny, Math.floor(bounds().maxBytes * largestShare));

  return {
    find(key) {
      const answer = kept.get(key);
      if (answer === undefined || isTooOld(answer, bounds())) {
        misses += 1;
        if (answer !== undefined) drop(key, answer);
        return null;
      }
      hits += 1;
      kept.delete(key);
      kept.set(key, answer);
      return { engine: answer.engine, servedModel: answer.servedModel, json: answer.json.toString() };
    },
    keep(key, { engine, servedModel, json: text, keyId, since }) {
      const json = ownBytes(text);
      if (since !== epoch || sizeOf(json) > mostBytesOfOne()) return;
      const before = kept.get(key);
      if (before !== undefined) drop(key, before);
      kept.set(key, { engine, servedModel, json, keyId, keptMs: clock.monotonicMs() });
      bytes += sizeOf(json);
      trim();
      sweepLater();
    },
    epoch: () => epoch,
    mostBytesOfOne,
    forgetKey(keyId) {
      epoch += 1;
      dropWhere((answer) => answer.keyId === keyId);
    },
    forgetAll() {
      epoch += 1;
      kept.clear();
      bytes = 0;
      stopSweep?.();
      stopSweep = null;
    },
    trim,
    tally: () => ({ answers: kept.size, bytes, hits, misses }),
  };
}

function sizeOf(json: Buffer): number {
  return json.length + entryBytes;
}

/** Not a piece of Node's shared pool, which would keep all of the pool in memory. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
