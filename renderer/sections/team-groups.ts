import type { KeyRecord } from '../../server/wire/admin.ts';
import type { TeamRecord, WireLimits } from '../../server/wire/limits.ts';
import { noLimits } from './key-limits-values.ts';

export type Team = {
  readonly name: string;
  readonly limits: WireLimits;
  readonly isPaused: boolean;
  /** Keys that are not revoked. */
  readonly keys: readonly KeyRecord[];
};

/** Teams with limits, and those that are only named by keys, in the language's order. */
export function allTeams(
  records: readonly TeamRecord[],
  keys: readonly KeyRecord[],
  language: string,
): Team[] {
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  const members = Map.groupBy(
    keys.filter(({ status, team }) => status !== 'revoked' && team !== null),
    ({ team }) => team ?? '',
  );
  const names = new Set([...records.map(({ name }) => name), ...members.keys()]);
  return [...names].sort(compare).map((name) => {
    const record = records.find((team) => team.name === name);
    return {
      name,
      limits: record?.limits ?? noLimits,
      isPaused: record !== undefined && record.pausedAt !== null,
      keys: members.get(name) ?? [],
    };
  });
}
