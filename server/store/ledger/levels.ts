/** The shortest time that is summed up: every time zone's clocks differ from UTC by a whole number of them. */
export const quarterMs = 900_000;

/** What `start` of a sum counts, by its level; each is a whole number of the one before. */
export const levelMs = [quarterMs, 3_600_000, 86_400_000] as const;

/**
 * What is summed up together, coarser and coarser, so that a chart of a year reads thousands of sums and not millions:
 * each group for itself; all requests of a status; all of a model, engine and status, whoever asked. A sum's level is
 * its time's plus three times this.
 */
export const cubes = { group: 0, status: 1, model: 2 } as const;
export type Cube = keyof typeof cubes;

export function levelOf(cube: Cube, time: number): number {
  return cubes[cube] * levelMs.length + time;
}

export const levelCount = levelMs.length * Object.keys(cubes).length;
