/** What is kept for a time of its own, by the setting that says so. */
export const keptKinds = [
  { name: 'requests', setting: 'log.keepDays', unit: 'days', least: 1, most: 36_500, forever: null },
  { name: 'sums', setting: 'usage.keepDays', unit: 'days', least: 1, most: 36_500, forever: null },
  { name: 'prompts', setting: 'tracing.keepDays', unit: 'days', least: 1, most: 365, forever: undefined },
  {
    name: 'responses',
    setting: 'responses.keepHours',
    unit: 'hours',
    least: 0,
    most: 8760,
    forever: undefined,
  },
  { name: 'audit', setting: 'audit.keepDays', unit: 'days', least: 90, most: 36_500, forever: 0 },
] as const;

export type KeptKind = (typeof keptKinds)[number];
