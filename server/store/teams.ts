import { AppError } from '../core/errors.ts';
import { noLimits, type Limits } from '../core/policy.ts';
import type { SetTeamRequest, TeamRecord } from '../wire/limits.ts';
import { changedLimits, readLimits } from './limits.ts';
import { statement, write, type Store } from './open.ts';

/** A team the owner has set limits for; times in milliseconds since 1970 UTC. */
type StoredTeam = {
  readonly name: string;
  readonly limits: Limits;
  readonly createdMs: number;
  readonly pausedMs: number | null;
};

/** Null for a team nobody has set limits for; keys may name it all the same. */
export function findTeam(store: Store, name: string): StoredTeam | null {
  return fromRow(statement(store, 'SELECT * FROM teams WHERE name = ?').get(name));
}

/** By name. */
export function listTeams(store: Store): TeamRecord[] {
  const rows = statement(store, 'SELECT * FROM teams ORDER BY name').all();
  return rows.map((row) => toTeamRecord(store, fromRow(row) as StoredTeam));
}

/** Makes the team or changes what is named. Counts from the next request. */
export function setTeam(store: Store, name: string, change: SetTeamRequest, nowMs: number): TeamRecord {
  return write(store, () => {
    const before = findTeam(store, name) ?? { name, limits: noLimits, createdMs: nowMs, pausedMs: null };
    const after: StoredTeam = {
      ...before,
      limits: changedLimits(before.limits, change.limits),
      pausedMs: pausedMs(before.pausedMs, change.paused, nowMs),
    };
    statement(
      store,
      `INSERT INTO teams (name, limits, created_ms, paused_ms) VALUES (@name, @limits, @createdMs, @pausedMs)
       ON CONFLICT (name) DO UPDATE SET limits = excluded.limits, paused_ms = excluded.paused_ms`,
    ).run({ ...after, limits: JSON.stringify(after.limits) });
    store.policyVersion += 1;
    return toTeamRecord(store, after);
  });
}

/** Lifts the team's limits; its keys stay, and so does what it has spent. Throws 404. */
export function removeTeam(store: Store, name: string): void {
  const { changes } = write(store, () => statement(store, 'DELETE FROM teams WHERE name = ?').run(name));
  store.policyVersion += 1;
  if (changes === 0) throw teamNotFound(name);
}

/** Since when it is paused after such a change. */
export function pausedMs(before: number | null, wanted: boolean | undefined, nowMs: number): number | null {
  if (wanted === undefined) return before;
  return wanted ? (before ?? nowMs) : null;
}

export function toTeamRecord(store: Store, team: StoredTeam): TeamRecord {
  const keys = statement(
    store,
    'SELECT count(*) AS keys FROM keys WHERE team = ? AND revoked_ms IS NULL',
  ).get(team.name) as { readonly keys: number };
  return {
    name: team.name,
    limits: { ...team.limits, budgets: [...team.limits.budgets] },
    pausedAt: team.pausedMs === null ? null : new Date(team.pausedMs).toISOString(),
    createdAt: new Date(team.createdMs).toISOString(),
    keys: keys.keys,
  };
}

export function teamNotFound(name: string): AppError {
  return new AppError(`No limits are set for a team named “${name.slice(0, 200)}”.`, {
    status: 404,
    code: 'team_not_found',
    param: 'team',
  });
}

function fromRow(value: unknown): StoredTeam | null {
  if (value === undefined) return null;
  const row = value as { name: string; limits: string; created_ms: number; paused_ms: number | null };
  return {
    name: row.name,
    limits: readLimits(row.limits),
    createdMs: row.created_ms,
    pausedMs: row.paused_ms,
  };
}
