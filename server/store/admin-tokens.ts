import { randomBase62 } from '../core/key-format.ts';
import { AppError } from '../core/errors.ts';
import { isUniqueViolation, statement, write, writeAside, type Store } from './open.ts';

/** What opens the admin API to a script of the owner's on another computer. */
export type StoredAdminToken = {
  readonly id: string;
  readonly name: string;
  /** Its beginning and its last four characters. */
  readonly hint: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly revokedMs: number | null;
  readonly lastUsedMs: number | null;
  readonly lastIp: string | null;
};

const columns = `id, name, hint, created_ms AS createdMs, expires_ms AS expiresMs, revoked_ms AS revokedMs,
  last_used_ms AS lastUsedMs, last_ip AS lastIp`;

/** Newest first, those that have ended too. */
export function listAdminTokens(store: Store): StoredAdminToken[] {
  return statement(
    store,
    `SELECT ${columns} FROM admin_tokens ORDER BY created_ms DESC, id`,
  ).all() as StoredAdminToken[];
}

/** By id, or by the name of one that is not revoked, else of the one revoked last. */
export function findAdminToken(store: Store, nameOrId: string): StoredAdminToken | null {
  const row = statement(
    store,
    `SELECT ${columns} FROM admin_tokens WHERE id = @wanted OR name = @wanted
     ORDER BY id = @wanted DESC, revoked_ms IS NULL DESC, revoked_ms DESC LIMIT 1`,
  ).get({ wanted: nameOrId });
  return row === undefined ? null : (row as StoredAdminToken);
}

/** Whatever its state. */
export function findAdminTokenByHash(store: Store, hash: Buffer): StoredAdminToken | null {
  const row = statement(store, `SELECT ${columns} FROM admin_tokens WHERE hash = ?`).get(hash);
  return row === undefined ? null : (row as StoredAdminToken);
}

export type AdminTokenWish = {
  readonly name: string;
  readonly hash: Buffer;
  readonly hint: string;
  readonly createdMs: number;
  readonly expiresMs: number;
};

/** @throws AppError 409 where another that is not revoked has the name */
export function insertAdminToken(store: Store, wish: AdminTokenWish): StoredAdminToken {
  const id = `adm_${randomBase62(16)}`;
  try {
    write(store, () =>
      statement(
        store,
        `INSERT INTO admin_tokens (id, name, hash, hint, created_ms, expires_ms)
         VALUES (@id, @name, @hash, @hint, @createdMs, @expiresMs)`,
      ).run({ id, ...wish }),
    );
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new AppError(`There is an admin token named “${wish.name}” already. Revoke it first.`, {
      status: 409,
      code: 'name_taken',
      param: 'name',
    });
  }
  const { hash: _, ...rest } = wish;
  return { id, ...rest, revokedMs: null, lastUsedMs: null, lastIp: null };
}

/** Once revoked it stays as it was revoked first. */
export function revokeAdminToken(store: Store, id: string, nowMs: number): void {
  write(store, () =>
    statement(store, 'UPDATE admin_tokens SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL').run(
      nowMs,
      id,
    ),
  );
}

export function noteAdminTokenUse(store: Store, id: string, use: { atMs: number; ip: string }): void {
  writeAside(store, () =>
    statement(store, 'UPDATE admin_tokens SET last_used_ms = @atMs, last_ip = @ip WHERE id = @id').run({
      id,
      ...use,
    }),
  );
}
