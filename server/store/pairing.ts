import type { z } from 'zod';
import { createKeyRequest } from '../wire/admin.ts';
import type { PairingPreset, PairingRecord } from '../wire/pairing.ts';
import { statement, write, type Store } from './open.ts';

/** What the key will be; `name` null: to be made of person and device. */
const keyPolicy = createKeyRequest.extend({ name: createKeyRequest.shape.name.nullable() });
export type KeyPolicy = z.infer<typeof keyPolicy>;

/** An invitation as stored; times in milliseconds since 1970 UTC. */
export type StoredPairing = {
  readonly id: string;
  readonly preset: PairingPreset;
  readonly policy: KeyPolicy;
  readonly autoApprove: boolean;
  /** The key that it brings another text for, and how long the one of before then goes on. */
  readonly replaces: string | null;
  readonly overlapMs: number | null;
  /** The device asks by itself: nobody has invited it. */
  readonly uninvited: boolean;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly join: StoredJoin | null;
  readonly approvedMs: number | null;
  readonly usedMs: number | null;
  readonly deniedMs: number | null;
  readonly closedMs: number | null;
  readonly closedBy: PairingRecord['closedBy'];
  readonly keyId: string | null;
  readonly triedAgainFrom: string | null;
};

/** The device that asks; there is never a second one. */
export type StoredJoin = {
  readonly device: string;
  readonly ip: string;
  readonly client: string | null;
  readonly via: JoinVia;
  readonly askedMs: number;
  readonly matchCode: string;
};
export type JoinVia = 'ticket' | 'code';

export type NewPairing = Pick<
  StoredPairing,
  | 'id'
  | 'preset'
  | 'policy'
  | 'autoApprove'
  | 'replaces'
  | 'overlapMs'
  | 'uninvited'
  | 'createdMs'
  | 'expiresMs'
> & { readonly ticketHash: Buffer; readonly codeHash: Buffer };

/** Neither used nor ended by somebody; whether it has expired is another question. */
const isUndecided = 'used_ms IS NULL AND denied_ms IS NULL AND closed_ms IS NULL';

export function insertPairing(store: Store, pairing: NewPairing): void {
  write(store, () =>
    statement(
      store,
      `INSERT INTO pairings (id, ticket_hash, code_hash, preset, policy, auto_approve, replaces, overlap_ms,
         uninvited, created_ms, expires_ms)
       VALUES (@id, @ticketHash, @codeHash, @preset, @policy, @autoApprove, @replaces, @overlapMs,
         @uninvited, @createdMs, @expiresMs)`,
    ).run({
      ...pairing,
      policy: JSON.stringify(pairing.policy),
      autoApprove: pairing.autoApprove ? 1 : 0,
      uninvited: pairing.uninvited ? 1 : 0,
    }),
  );
}

/** Whatever has become of it. */
export function findPairing(store: Store, id: string): StoredPairing | null {
  return fromRow(statement(store, 'SELECT * FROM pairings WHERE id = ?').get(id));
}

/** By the SHA-256 of its ticket or code, whatever has become of it. */
export function findPairingByHash(store: Store, via: JoinVia, hash: Buffer): StoredPairing | null {
  const column = via === 'ticket' ? 'ticket_hash' : 'code_hash';
  return fromRow(statement(store, `SELECT * FROM pairings WHERE ${column} = ?`).get(hash));
}

/** All that had not expired by that time, whatever has become of them, newest first. */
export function listPairings(store: Store, sinceMs: number): StoredPairing[] {
  const sql = 'SELECT * FROM pairings WHERE expires_ms > ? ORDER BY created_ms DESC, rowid DESC';
  const rows = statement(store, sql).all(sinceMs);
  return rows.map((row) => fromRow(row) as StoredPairing);
}

/** Those that nobody has come for, and those where a device waits. */
export function listLivePairings(store: Store, nowMs: number): StoredPairing[] {
  const rows = statement(store, `SELECT * FROM pairings WHERE ${isUndecided} AND expires_ms > ?`).all(nowMs);
  return rows.map((row) => fromRow(row) as StoredPairing);
}

/**
 * Makes the device the one that asks; `expiresMs` leaves the owner the time to answer. False when it came too
 * late: another was first, or the invitation ended.
 */
export function claimPairing(
  store: Store,
  id: string,
  join: StoredJoin & { readonly expiresMs: number },
): boolean {
  return changesOne(
    store,
    `UPDATE pairings SET join_device = @device, join_ip = @ip, join_client = @client, join_via = @via,
       join_ms = @askedMs, match_code = @matchCode, expires_ms = @expiresMs
     WHERE id = @id AND join_ms IS NULL AND ${isUndecided} AND expires_ms > @askedMs`,
    { id, ...join },
  );
}

/** The owner's yes; `expiresMs` leaves the device the time to fetch its key. False when nobody is waiting. */
export function approvePairing(
  store: Store,
  id: string,
  at: { readonly nowMs: number; readonly expiresMs: number },
): boolean {
  return changesOne(
    store,
    `UPDATE pairings SET approved_ms = @nowMs, expires_ms = @expiresMs
     WHERE id = @id AND join_ms IS NOT NULL AND approved_ms IS NULL AND ${isUndecided} AND expires_ms > @nowMs`,
    { id, ...at },
  );
}

/** Uses the invitation up; of any number of attempts exactly one hears true. To be called together with the making of the key. */
export function usePairing(store: Store, id: string, nowMs: number): boolean {
  return changesOne(
    store,
    `UPDATE pairings SET used_ms = @nowMs
     WHERE id = @id AND join_ms IS NOT NULL AND ${isUndecided} AND expires_ms > @nowMs`,
    { id, nowMs },
  );
}

export function setPairingKey(store: Store, id: string, keyId: string): void {
  changesOne(store, 'UPDATE pairings SET key_id = @keyId WHERE id = @id', { id, keyId });
}

/** False when it had ended before. */
export function denyPairing(store: Store, id: string, nowMs: number): boolean {
  return changesOne(
    store,
    `UPDATE pairings SET denied_ms = @nowMs
     WHERE id = @id AND join_ms IS NOT NULL AND ${isUndecided} AND expires_ms > @nowMs`,
    { id, nowMs },
  );
}

/** False when it had ended before. */
export function closePairing(store: Store, id: string, nowMs: number): boolean {
  return changesOne(
    store,
    `UPDATE pairings SET closed_ms = @nowMs, closed_by = 'owner'
     WHERE id = @id AND ${isUndecided} AND expires_ms > @nowMs`,
    { id, nowMs },
  );
}

/** Ends every invitation nobody has come for yet. Returns how many there were. */
export function closeGuessedPairings(store: Store, nowMs: number): number {
  return write(
    store,
    () =>
      statement(
        store,
        `UPDATE pairings SET closed_ms = @nowMs, closed_by = 'guessing'
         WHERE join_ms IS NULL AND ${isUndecided} AND expires_ms > @nowMs`,
      ).run({ nowMs }).changes,
  );
}

/** Keeps the first address only, so that somebody who keeps trying causes no more than one write. */
export function noteTriedAgain(store: Store, id: string, ip: string): boolean {
  return changesOne(
    store,
    'UPDATE pairings SET tried_again_from = @ip WHERE id = @id AND tried_again_from IS NULL',
    { id, ip },
  );
}

export function deletePairingsBefore(store: Store, expiredBeforeMs: number): void {
  write(store, () => statement(store, 'DELETE FROM pairings WHERE expires_ms <= ?').run(expiredBeforeMs));
}

function changesOne(store: Store, sql: string, values: Readonly<Record<string, unknown>>): boolean {
  return write(store, () => statement(store, sql).run(values).changes === 1);
}

type PairingRow = {
  readonly id: string;
  readonly preset: PairingPreset;
  readonly policy: string;
  readonly auto_approve: number;
  readonly replaces: string | null;
  readonly overlap_ms: number | null;
  readonly uninvited: number;
  readonly created_ms: number;
  readonly expires_ms: number;
  readonly join_device: string | null;
  readonly join_ip: string;
  readonly join_client: string | null;
  readonly join_via: JoinVia;
  readonly join_ms: number;
  readonly match_code: string;
  readonly approved_ms: number | null;
  readonly used_ms: number | null;
  readonly denied_ms: number | null;
  readonly closed_ms: number | null;
  readonly closed_by: StoredPairing['closedBy'];
  readonly key_id: string | null;
  readonly tried_again_from: string | null;
};

function fromRow(value: unknown): StoredPairing | null {
  if (value === undefined) return null;
  const row = value as PairingRow;
  return {
    id: row.id,
    preset: row.preset,
    policy: keyPolicy.parse(JSON.parse(row.policy)),
    autoApprove: row.auto_approve === 1,
    replaces: row.replaces,
    overlapMs: row.overlap_ms,
    uninvited: row.uninvited === 1,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    join: joinFrom(row),
    approvedMs: row.approved_ms,
    usedMs: row.used_ms,
    deniedMs: row.denied_ms,
    closedMs: row.closed_ms,
    closedBy: row.closed_by,
    keyId: row.key_id,
    triedAgainFrom: row.tried_again_from,
  };
}

/** The columns of the join are set together. */
function joinFrom(row: PairingRow): StoredJoin | null {
  if (row.join_device === null) return null;
  return {
    device: row.join_device,
    ip: row.join_ip,
    client: row.join_client,
    via: row.join_via,
    askedMs: row.join_ms,
    matchCode: row.match_code,
  };
}
