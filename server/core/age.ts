const dayMs = 86_400_000;

/** Whole days since a day like `2026-11-23` began, in UTC; null where it is not known or lies ahead of the clock. */
export function ageInDays(day: string | null, nowMs: number): number | null {
  if (day === null) return null;
  const days = Math.floor((nowMs - Date.parse(`${day}T00:00:00Z`)) / dayMs);
  return days >= 0 ? days : null;
}
