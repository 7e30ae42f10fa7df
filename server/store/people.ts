import { keyPrefix, randomBase62 } from '../core/key-format.ts';
import { usualPolicy } from '../core/policy.ts';
import { findText } from './ledger/dictionary.ts';
import { statement, write, type Store } from './open.ts';

/** What the database holds of a person, by the name the owner has given keys. Traces are in a file of their own. */
export type PersonParts = {
  /** Keys that bear the name now, revoked ones too. */
  readonly keyIds: readonly string[];
  readonly pairingIds: readonly string[];
  /** Who asked, as the log knows it: with this name, or by one of those keys. */
  readonly askers: readonly number[];
};

export function findPerson(store: Store, person: string): PersonParts {
  const ids = (sql: string, ...values: readonly string[]): unknown[] =>
    statement(store, sql)
      .pluck()
      .all(...values);
  const keyIds = ids('SELECT id FROM keys WHERE person = ? ORDER BY created_ms', person).map(String);
  const known = JSON.stringify(keyIds);
  return {
    keyIds,
    pairingIds: ids(
      `SELECT id FROM pairings WHERE policy ->> '$.person' = ? OR key_id IN (SELECT value FROM json_each(?))`,
      person,
      known,
    ).map(String),
    askers: ids(
      'SELECT id FROM askers WHERE person = ? OR key_id IN (SELECT value FROM json_each(?))',
      person,
      known,
    ).map(Number),
  };
}

/** Whether a row of the log says that it was asked for them; looks at the newest only. */
export function isEndUser(store: Store, person: string): boolean {
  const found = statement(
    store,
    `SELECT 1 FROM (SELECT end_user FROM requests ORDER BY seq DESC LIMIT 50000)
     WHERE end_user IN (@person, @number) LIMIT 1`,
  ).get({ person, number: findText(store, person) ?? -1 });
  return found !== undefined;
}

/** An invitation as it may leave the house: without hashes. */
export function readPairings(store: Store, ids: readonly string[]): Record<string, unknown>[] {
  const rows = statement(
    store,
    `SELECT id, preset, policy, created_ms AS createdMs, join_device AS device, join_ip AS ip, join_client AS client,
       join_ms AS joinedMs, key_id AS keyId
     FROM pairings WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created_ms`,
  ).all(JSON.stringify(ids)) as { policy: string; createdMs: number; joinedMs: number | null }[];
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return rows.map(({ policy, createdMs, joinedMs, ...rest }) => ({
    ...rest,
    policy: JSON.parse(policy) as unknown,
    createdAt: time(createdMs),
    joinedAt: time(joinedMs),
  }));
}

export type ResponseHead = {
  readonly id: string;
  readonly keyId: string;
  readonly createdMs: number;
  readonly bytes: number;
};

export function listResponsesOf(store: Store, keyIds: readonly string[]): ResponseHead[] {
  return statement(
    store,
    `SELECT id, key_id AS keyId, created_ms AS createdMs, bytes FROM responses
     WHERE key_id IN (SELECT value FROM json_each(?)) ORDER BY created_ms`,
  ).all(JSON.stringify(keyIds)) as ResponseHead[];
}

/**
 * Takes the name out of keys and of who asked, and deletes invitations and responses. Keys must be revoked before. Ids
 * that were drawn at random stay, so that sums by key, team and model are what they were.
 * @returns how many responses were deleted
 */
export function anonymise(store: Store, { keyIds, pairingIds, askers }: PersonParts): number {
  return write(store, () => {
    const byId = (sql: string, ids: readonly (string | number)[]): number =>
      statement(store, `${sql} IN (SELECT value FROM json_each(@ids))`).run({ ids: JSON.stringify(ids) })
        .changes;
    byId('DELETE FROM pairings WHERE id', pairingIds);
    const responses = byId('DELETE FROM responses WHERE key_id', keyIds);
    for (const id of keyIds) {
      statement(
        store,
        `UPDATE keys SET name = @name, hint = @hint, person = NULL, device = NULL, last_ip = NULL, last_host = NULL,
           last_client = NULL, paired_from = NULL, policy = @policy WHERE id = @id`,
      ).run({ id, name: erasedName(), hint: `${keyPrefix}…`, policy: JSON.stringify(usualPolicy) });
    }
    // The number at the end keeps apart what is otherwise the same now.
    const rename = statement(
      store,
      `UPDATE askers SET who = json_array(key_id, coalesce((SELECT name FROM keys WHERE keys.id = askers.key_id AND keys.person IS NULL), @name),
         NULL, team, NULL, json('{}'), id) WHERE id = @id`,
    );
    for (const id of askers) rename.run({ id, name: erasedName() });
    store.policyVersion += 1;
    // Texts of before must not be found again.
    store.known.clear();
    return responses;
  });
}

function erasedName(): string {
  return `erased-${randomBase62(8)}`;
}

const rowsAtOnce = 5_000;

export type ScrubState = {
  /** Where the next step begins. */
  fromSeq: number;
  /** Rows that told something of them. */
  rows: number;
};

/**
 * Takes addresses, programs and the ids that clients gave out of the rows of these askers, and the name out of rows that
 * others asked for them; a part of the log at a time. @returns false after the last
 */
export function scrubRows(
  store: Store,
  state: ScrubState,
  { askers, person }: { readonly askers: readonly number[]; readonly person: string },
): boolean {
  const end = statement(store, 'SELECT seq FROM requests WHERE seq >= ? ORDER BY seq LIMIT 1 OFFSET ?')
    .pluck()
    .get(state.fromSeq, rowsAtOnce) as number | undefined;
  const window = { from: state.fromSeq, end: end ?? Number.MAX_SAFE_INTEGER };
  write(store, () => {
    state.rows += statement(
      store,
      `UPDATE requests SET ip = '', client = NULL, client_request_id = NULL, end_user = NULL
       WHERE seq >= @from AND seq < @end AND group_id IN (
         SELECT id FROM request_groups WHERE asker IN (SELECT value FROM json_each(@askers)))`,
    ).run({ ...window, askers: JSON.stringify(askers) }).changes;
    state.rows += statement(
      store,
      'UPDATE requests SET end_user = NULL WHERE seq >= @from AND seq < @end AND end_user IN (@person, @number)',
    ).run({ ...window, person, number: findText(store, person) ?? -1 }).changes;
  });
  state.fromSeq = window.end;
  return end !== undefined;
}
