import type { Clock } from '../core/clock.ts';
import { adminTokenPrefix, hashKey, isWellFormedKey, keyHint, newKeyText } from '../core/key-format.ts';
import {
  findAdminToken,
  findAdminTokenByHash,
  insertAdminToken,
  listAdminTokens,
  noteAdminTokenUse,
  revokeAdminToken,
  type StoredAdminToken,
} from '../store/admin-tokens.ts';
import type { Store } from '../store/open.ts';
import type { AdminTokenRecord, CreatedAdminToken } from '../wire/security.ts';

/** Use is noted at most this often, so that a script that asks each second is not a row of writes. */
const noteUseEveryMs = 30_000;

/** Tokens that open the admin API to the owner's scripts on other computers: named, with an end, each revoked alone. */
export type NamedTokens = {
  readonly list: () => AdminTokenRecord[];
  /** By name or id; null where there is none. */
  readonly find: (nameOrId: string) => AdminTokenRecord | null;
  /** The only answer with the token itself. @throws AppError 409 where the name is taken */
  readonly create: (wish: { readonly name: string; readonly expiresMs: number }) => CreatedAdminToken;
  /** Counts from the next request on, and ends open event streams at once. Null where there is none. */
  readonly revoke: (nameOrId: string) => AdminTokenRecord | null;
  /** Whose the shown token is; null for what is unknown, revoked or expired. The visit counts as use. */
  readonly identify: (text: string, ip: string) => { readonly id: string; readonly name: string } | null;
  readonly isAlive: (id: string) => boolean;
  /** Calls back once when it is revoked; returns the way to stop listening. */
  readonly onEnd: (id: string, callback: () => void) => () => void;
};

export function createNamedTokens(store: Store, clock: Clock): NamedTokens {
  const listeners = new Map<string, Set<() => void>>();
  const isActive = ({ revokedMs, expiresMs }: StoredAdminToken): boolean =>
    revokedMs === null && expiresMs > clock.nowMs();
  const toRecord = (token: StoredAdminToken): AdminTokenRecord => ({
    id: token.id,
    name: token.name,
    hint: token.hint,
    createdAt: iso(token.createdMs),
    expiresAt: iso(token.expiresMs),
    revokedAt: isoOrNull(token.revokedMs),
    lastUsedAt: isoOrNull(token.lastUsedMs),
    lastIp: token.lastIp,
    status: token.revokedMs !== null ? 'revoked' : isActive(token) ? 'active' : 'expired',
  });

  function find(nameOrId: string): AdminTokenRecord | null {
    const token = findAdminToken(store, nameOrId);
    return token === null ? null : toRecord(token);
  }

  return {
    find,
    list: () => listAdminTokens(store).map(toRecord),
    create({ name, expiresMs }) {
      const token = newKeyText(adminTokenPrefix);
      const createdMs = clock.nowMs();
      const hint = keyHint(token, adminTokenPrefix);
      const stored = insertAdminToken(store, { name, hash: hashKey(token), hint, createdMs, expiresMs });
      return { ...toRecord(stored), token };
    },
    revoke(nameOrId) {
      const token = findAdminToken(store, nameOrId);
      if (token === null) return null;
      revokeAdminToken(store, token.id, clock.nowMs());
      const callbacks = listeners.get(token.id) ?? [];
      listeners.delete(token.id);
      for (const callback of callbacks) callback();
      return find(token.id);
    },
    identify(text, ip) {
      // A slip of the finger costs no look into the database.
      if (!isWellFormedKey(text, adminTokenPrefix)) return null;
      const token = findAdminTokenByHash(store, hashKey(text));
      if (token === null || !isActive(token)) return null;
      const nowMs = clock.nowMs();
      if (nowMs - (token.lastUsedMs ?? 0) >= noteUseEveryMs || token.lastIp !== ip) {
        noteAdminTokenUse(store, token.id, { atMs: nowMs, ip });
      }
      return { id: token.id, name: token.name };
    },
    isAlive(id) {
      const token = findAdminToken(store, id);
      return token !== null && token.id === id && isActive(token);
    },
    onEnd(id, callback) {
      const callbacks = listeners.get(id) ?? new Set();
      listeners.set(id, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(id) === callbacks) listeners.delete(id);
      };
    },
  };
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function isoOrNull(timeMs: number | null): string | null {
  return timeMs === null ? null : iso(timeMs);
}
