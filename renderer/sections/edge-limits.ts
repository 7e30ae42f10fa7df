import type { EdgeSettings } from '../../server/wire/edge.ts';

/** The numbers of the edge, in the order in which an owner may want them. */
export const edgeLimits = [
  'requestsPerMinute',
  'streamsPerAddress',
  'connectionsPerAddress',
  'connectionsBeforeKey',
  'connectionsOffice',
  'connectionsLoopback',
  'connectionsReserved',
] as const satisfies readonly (keyof EdgeSettings)[];
export type EdgeLimit = (typeof edgeLimits)[number];

/** Those of which there may be any number. */
export const unboundedLimits: ReadonlySet<EdgeLimit> = new Set(['requestsPerMinute', 'streamsPerAddress']);

/** As number fields hold them: empty for any number. */
export type EdgeLimitValues = Record<EdgeLimit, number | string>;

export function limitValues(settings: EdgeSettings): EdgeLimitValues {
  return Object.fromEntries(edgeLimits.map((name) => [name, settings[name] ?? ''])) as EdgeLimitValues;
}

/** What has been changed. Text that is no number goes to the server too, which says why not. */
export function limitChange(values: EdgeLimitValues, before: EdgeSettings): Partial<EdgeSettings> {
  const changed = edgeLimits
    .map((name) => [name, values[name] === '' ? null : Number(values[name])] as const)
    .filter(([name, value]) => value !== before[name]);
  return Object.fromEntries(changed);
}
