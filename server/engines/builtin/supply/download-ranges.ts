/** Bytes of a file from `from` up to, but without, `to`. */
export type ByteRange = { readonly from: number; readonly to: number };

/** Takes a piece off the front; null when nothing is left. */
export function takePiece(
  left: readonly ByteRange[],
  mostBytes: number,
): { readonly piece: ByteRange; readonly left: readonly ByteRange[] } | null {
  const [first, ...rest] = left;
  if (first === undefined) return null;
  const end = Math.min(first.to, first.from + mostBytes);
  const piece = { from: first.from, to: end };
  return { piece, left: end < first.to ? [{ from: end, to: first.to }, ...rest] : rest };
}

/** Both together, in order, with neighbours joined. */
export function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    if (range.from >= range.to) continue;
    const last = joined.at(-1);
    if (last !== undefined && range.from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else joined.push(range);
  }
  return joined;
}

export function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, range) => sum + range.to - range.from, 0);
}
