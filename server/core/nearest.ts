/** Longer names are no slips of the finger. */
const longestName = 200;
const mostNames = 3;

/**
 * The names most like what was asked for, nearest first, at most three; none where nothing is near. For a person who has
 * mistyped: capitals, and what lies before a `/` or behind a `:`, count little.
 */
export function nearestNames(wanted: string, names: readonly string[]): readonly string[] {
  if (wanted.length > longestName) return [];
  const plain = simplified(wanted);
  const near = names.flatMap((name) => {
    const other = simplified(name);
    const distance = plain === '' || other === '' ? Infinity : editDistance(plain, other);
    const isPart = plain.length >= 3 && (other.includes(plain) || plain.includes(other));
    const rank = isPart ? Math.min(distance, 2) : distance;
    return rank <= Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3)) ? [{ name, rank }] : [];
  });
  return near
    .toSorted((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))
    .slice(0, mostNames)
    .map(({ name }) => name);
}

function simplified(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last
    .slice(0, longestName)
    .toLowerCase()
    .replaceAll(/[\s_.:-]+/gu, '-');
}

/** How many letters must be put in, left out or exchanged (Levenshtein), one row of the table at a time. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of one.split('').entries()) {
    const next = [line + 1];
    for (let column = 1; column <= other.length; column += 1) {
      const exchanged = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(exchanged, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
