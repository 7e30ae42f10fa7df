/** The shortest time that is summed up: every time zone's clocks differ from UTC by a whole number of them. */
export const quarterMs = 900_000;

/** What `start` of a sum counts, by its level; each is a whole number of the one before. */
export const levelMs = [quarterMs, 3_600_000, 86_400_000] as const;

/**
 * What is summed up together, coarser and coarser, so that a chart of a year reads thousands of sums and not millions:
 * each group for itself; all requests of a status, an engine outside the office, and from the cache or not; all of a
 * model, engine and the same, whoever asked. A sum's level is its time's plus three times this.
 */
export const cubes = { group: 0, status: 1, model: 2 } as const;
export type Cube = keyof typeof cubes;

export function levelOf(cube: Cube, time: number): number {
  return cubes[cube] * levelMs.length + time;
}

/** Months of UTC, each group for itself: of the others there are few enough for a year of days. */
export const monthLevel = levelMs.length * Object.keys(cubes).length;

/** What `start` of a month's sum counts: months since January 1970. */
export function monthOf(timeMs: number): number {
  const date = new Date(timeMs);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

export function monthStartMs(month: number): number {
  return Date.UTC(1970, month);
}
