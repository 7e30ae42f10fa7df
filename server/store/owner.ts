import { statement, write, writeAside } from './open.ts';
import type { Store } from './open.ts';

/** A signed-in browser. `hash` is the SHA-256 of the id in its cookie. */
export type StoredSession = {
  readonly hash: Buffer;
  readonly createdMs: number;
  readonly lastUsedMs: number;
  readonly ip: string;
  readonly client: string | null;
};

/** The owner's password hash as `http/passwords.ts` wrote it, or null before the first set-up. */
export function ownerPasswordHash(store: Store): string | null {
  const row = statement(store, 'SELECT password_hash AS hash FROM owner').get();
  return row === undefined ? null : (row as { hash: string }).hash;
}

/** Sets the first password. False when there is one already: two people with the same link do not both win. */
export function setFirstPassword(store: Store, passwordHash: string, nowMs: number): boolean {
  return write(
    store,
    () =>
      statement(
        store,
        'INSERT INTO owner (id, password_hash, set_ms) VALUES (1, ?, ?) ON CONFLICT DO NOTHING',
      ).run(passwordHash, nowMs).changes === 1,
  );
}

/** Replaces the password and ends every session, the caller's included. */
export function replacePassword(store: Store, passwordHash: string, nowMs: number): void {
  write(store, () => {
    statement(store, 'UPDATE owner SET password_hash = ?, set_ms = ?').run(passwordHash, nowMs);
    statement(store, 'DELETE FROM sessions').run();
  });
}

export function insertSession(store: Store, session: StoredSession): void {
  write(store, () =>
    statement(
      store,
      `INSERT INTO sessions (hash, created_ms, last_used_ms, ip, client)
       VALUES (@hash, @createdMs, @lastUsedMs, @ip, @client)`,
    ).run(session),
  );
}

/** Whatever its age: see `http/sessions.ts` for how long one lasts. */
export function findSession(store: Store, hash: Buffer): StoredSession | null {
  const row = statement(
    store,
    `SELECT hash, created_ms AS createdMs, last_used_ms AS lastUsedMs, ip, client FROM sessions WHERE hash = ?`,
  ).get(hash);
  return row === undefined ? null : (row as StoredSession);
}

export function touchSession(store: Store, hash: Buffer, atMs: number): void {
  writeAside(store, () =>
    statement(store, 'UPDATE sessions SET last_used_ms = max(last_used_ms, ?) WHERE hash = ?').run(
      atMs,
      hash,
    ),
  );
}

/** One that has run out, while something else is asked for. */
export function forgetSession(store: Store, hash: Buffer): void {
  writeAside(store, () => statement(store, 'DELETE FROM sessions WHERE hash = ?').run(hash));
}

export function deleteSession(store: Store, hash: Buffer): void {
  write(store, () => statement(store, 'DELETE FROM sessions WHERE hash = ?').run(hash));
}

/** Those that are signed in, newest use first; those that have run out may be among them. */
export function listSessions(store: Store): StoredSession[] {
  return statement(
    store,
    `SELECT hash, created_ms AS createdMs, last_used_ms AS lastUsedMs, ip, client FROM sessions
     ORDER BY last_used_ms DESC, created_ms DESC`,
  ).all() as StoredSession[];
}

/** Removes sessions begun before the one time or unused since the other. */
export function deleteStaleSessions(
  store: Store,
  limits: { readonly begunBeforeMs: number; readonly unusedSinceMs: number },
): void {
  write(store, () =>
    statement(
      store,
      'DELETE FROM sessions WHERE created_ms <= @begunBeforeMs OR last_used_ms <= @unusedSinceMs',
    ).run(limits),
  );
}
