import type { KeyRecord } from '../../server/wire/admin.ts';
import type { SetTeamRequest } from '../../server/wire/limits.ts';
import type { Problems } from '../use-values.ts';
import {
  limitsChange,
  limitsProblems,
  limitsValues,
  noLimits,
  under,
  type LimitsValues,
} from './key-limits-values.ts';
import type { Team } from './team-groups.ts';

export type TeamValues = {
  readonly name: string;
  readonly paused: boolean;
  readonly limits: LimitsValues;
  /** Ids of the keys that are in it. */
  readonly members: string[];
};

export function teamValues(team: Team | null): TeamValues {
  return {
    name: team?.name ?? '',
    paused: team?.isPaused ?? false,
    limits: limitsValues(team?.limits ?? noLimits),
    members: (team?.keys ?? []).map(({ id }) => id),
  };
}

/** `others` are the names of the teams that are there already. */
export function teamProblems({ name, limits }: TeamValues, others: readonly string[]): Problems {
  const isTaken = others.includes(name.trim());
  return {
    ...(name.trim() === '' ? { name: 'nameMissing' } : isTaken ? { name: 'sameName' } : {}),
    ...under('limits', limitsProblems(limits)),
  };
}

/** For values without problems: what is another than before; a new team is made even if nothing is. */
export function teamChange(before: Team | null, values: TeamValues): SetTeamRequest | null {
  const name = values.name.trim();
  const limits = limitsChange(before?.limits ?? noLimits, values.limits);
  const were = (before?.keys ?? []).map(({ id }) => id);
  const join = values.members.filter((id) => !were.includes(id));
  const leave = were.filter((id) => !values.members.includes(id));
  const change: SetTeamRequest = {
    ...(before === null || name === before.name ? {} : { name }),
    ...(limits === undefined ? {} : { limits }),
    ...(values.paused === (before?.isPaused ?? false) ? {} : { paused: values.paused }),
    ...(join.length === 0 ? {} : { join }),
    ...(leave.length === 0 ? {} : { leave }),
  };
  return before !== null && Object.keys(change).length === 0 ? null : change;
}

/** Who can be in it: whose key holds, and who is in it already. */
export function possibleMembers(team: Team | null, keys: readonly KeyRecord[]): KeyRecord[] {
  return keys.filter(
    ({ id, status }) =>
      status === 'active' || status === 'paused' || (team?.keys ?? []).some((member) => member.id === id),
  );
}

/** Which field a refusal of the server means; null for one that is not in the form. */
export function refusedTeamField(param: string | null): string | null {
  if (param === null) return null;
  if (param === 'team') return 'name';
  return param === 'name' || param === 'limits' || param.startsWith('limits.') ? param : null;
}
