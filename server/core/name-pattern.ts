/** Names with at most one `*`, which stands for any text, also none. */

type Pattern = { readonly before: string; readonly after: string };

/** Null for a plain name. */
function parsed(name: string): Pattern | null {
  const star = name.indexOf('*');
  return star < 0 ? null : { before: name.slice(0, star), after: name.slice(star + 1) };
}

/** What `*` stands for if the pattern fits the name ('' for a plain name that is the same); null if it does not. */
export function matchOf(pattern: string, name: string): string | null {
  const parts = parsed(pattern);
  if (parts === null) return pattern === name ? '' : null;
  const { before, after } = parts;
  if (name.length < before.length + after.length) return null;
  if (!name.startsWith(before) || !name.endsWith(after)) return null;
  return name.slice(before.length, name.length - after.length);
}

/** A target with what the name's `*` stood for in place of its own. */
export function substitute(target: string, star: string): string {
  return target.replace('*', () => star);
}

/** Whether some name fits both; either may be a plain name. */
export function canMeet(one: string, other: string): boolean {
  const a = parsed(one);
  const b = parsed(other);
  if (a === null) return matchOf(other, one) !== null;
  if (b === null) return matchOf(one, other) !== null;
  const begins = a.before.startsWith(b.before) || b.before.startsWith(a.before);
  return begins && (a.after.endsWith(b.after) || b.after.endsWith(a.after));
}
