import { AppError } from '../core/errors.ts';
import { noLimits, teamAccount, type Limits } from '../core/policy.ts';
import type { SetTeamRequest, TeamRecord } from '../wire/limits.ts';
import { changedLimits, readLimits } from './limits.ts';
import { statement, write, type Store } from './open.ts';
import { moveSpending } from './spending.ts';

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

/**
 * Makes the team or changes what is named, all or nothing. Counts from the next request. Throws 409 when the new name
 * is another team's, 404 for a key that is not there.
 */
export function setTeam(store: Store, called: string, change: SetTeamRequest, nowMs: number): TeamRecord {
  return write(store, () => {
    const name = change.name ?? called;
    if (name !== called) renameTeam(store, called, name);
    for (const id of change.join ?? []) joinTeam(store, id, name);
    for (const id of change.leave ?? []) leaveTeam(store, id, name);
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

function renameTeam(store: Store, from: string, to: string): void {
  const isTaken = statement(
    store,
    'SELECT 1 FROM teams WHERE name = @to UNION SELECT 1 FROM keys WHERE team = @to AND revoked_ms IS NULL',
  ).get({ to });
  if (isTaken !== undefined) {
    throw new AppError(`There is a team named “${to}” already. Choose another name.`, {
      status: 409,
      code: 'name_taken',
      param: 'name',
    });
  }
  statement(store, 'UPDATE teams SET name = @to WHERE name = @from').run({ from, to });
  statement(store, 'UPDATE keys SET team = @to WHERE team = @from').run({ from, to });
  statement(
    store,
    `UPDATE pairings SET policy = json_set(policy, '$.team', @to) WHERE json_extract(policy, '$.team') = @from`,
  ).run({ from, to });
  moveSpending(store, teamAccount(from), teamAccount(to));
}

function joinTeam(store: Store, keyId: string, team: string): void {
  const { changes } = statement(
    store,
    'UPDATE keys SET team = @team WHERE id = @keyId AND revoked_ms IS NULL',
  ).run({ keyId, team });
  if (changes > 0) return;
  throw new AppError('A key that is to join the team is not there any more. Open the team again.', {
    status: 404,
    code: 'key_not_found',
    param: 'join',
  });
}

function leaveTeam(store: Store, keyId: string, team: string): void {
  statement(store, 'UPDATE keys SET team = NULL WHERE id = @keyId AND team = @team').run({ keyId, team });
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
