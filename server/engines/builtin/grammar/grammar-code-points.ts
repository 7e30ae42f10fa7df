/** A set of Unicode code points: ranges with both ends included, ascending, not touching one another. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

/** Every character a text can hold. Surrogates are no characters, and a model cannot write half of one. */
export const allCharacters: CodePoints = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
];

/** Puts any ranges in order. */
export function codePoints(ranges: readonly (readonly [number, number])[]): CodePoints {
  const result: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}

export function charactersOf(text: string): CodePoints {
  return codePoints(Array.from(text, (character) => [pointOf(character), pointOf(character)] as const));
}

export function intersect(a: CodePoints, b: CodePoints): CodePoints {
  const result: [number, number][] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined || right === undefined) return result;
    const first = Math.max(left[0], right[0]);
    const last = Math.min(left[1], right[1]);
    if (first <= last) result.push([first, last]);
    if (left[1] < right[1]) i += 1;
    else j += 1;
  }
}

/** All characters that are not in the set. */
export function complement(set: CodePoints): CodePoints {
  const result: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) result.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= 0x10ffff) result.push([next, 0x10ffff]);
  return intersect(result, allCharacters);
}

export function contains(set: CodePoints, point: number): boolean {
  return set.some(([first, last]) => first <= point && point <= last);
}

export function pointOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
