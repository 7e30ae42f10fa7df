// What is reckoned from the moments at which pieces of answers came.
import { median } from '../../lib/statistics.mjs';

/**
 * @typedef {{ atMs: number, tokens: number }} Piece
 * @typedef {{ askedMs: number, pieces: Piece[] }} Stream One answer; moments of one clock.
 */

/**
 * Tokens per second of all streams together, from the moment the last of them speaks to the first one's end.
 * NaN where they hardly spoke together: a rate of few ticks means nothing.
 * @param {readonly Stream[]} streams
 * @param {number} [leastTicks]
 */
export function togetherRate(streams, leastTicks = 16) {
  const from = Math.max(...streams.map(({ pieces }) => pieces[0]?.atMs ?? Infinity));
  const to = Math.min(...streams.map(({ pieces }) => pieces.at(-1)?.atMs ?? 0));
  const tokens = streams
    .flatMap(({ pieces }) => pieces)
    .filter(({ atMs }) => atMs > from && atMs <= to)
    .reduce((sum, piece) => sum + piece.tokens, 0);
  return tokens >= leastTicks * streams.length ? (tokens / (to - from)) * 1000 : NaN;
}

/** @param {Stream} stream */
export function firstTokenMs({ askedMs, pieces }) {
  return (pieces[0]?.atMs ?? NaN) - askedMs;
}

/**
 * Times between one piece and the next, of all streams, within a stretch of time.
 * @param {readonly Stream[]} streams
 * @param {{ fromMs?: number, toMs?: number }} [stretch]
 */
export function gaps(streams, { fromMs = -Infinity, toMs = Infinity } = {}) {
  return streams.flatMap(({ pieces }) =>
    pieces.slice(1).flatMap((piece, index) => {
      const before = pieces[index];
      if (before === undefined || before.atMs < fromMs || before.atMs > toMs) return [];
      return [piece.atMs - before.atMs];
    }),
  );
}

/**
 * @param {readonly number[]} values
 * @param {number} share 0 … 1
 */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/**
 * First token and gaps of a round, as medians and 95th percentiles.
 * @param {readonly Stream[]} streams
 */
export function summariseStreams(streams) {
  const between = gaps(streams);
  return {
    tokensPerSecond: togetherRate(streams),
    firstTokenMs: median(streams.map(firstTokenMs)),
    gapMsP50: percentile(between, 0.5),
    gapMsP95: percentile(between, 0.95),
  };
}
