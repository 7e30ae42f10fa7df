import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import {
  deleteSession,
  deleteStaleSessions,
  findSession,
  insertSession,
  touchSession,
} from '../store/owner.ts';
import type { Store } from '../store/open.ts';
import { sha256 } from './secrets.ts';

const idleLimitMs = 30 * 60_000;
const ageLimitMs = 12 * 60 * 60_000;
/** Use is noted at most this often, so that reading a page is not a row of writes. */
const noteUseEveryMs = 30_000;

/** Cookies do not tell ports apart, hence a name nobody else on this computer uses. */
const cookieName = 'inglenook_session';

export type Sessions = {
  /** Signs a browser in and returns the id for its cookie: 256 random bits, stored only as a hash. */
  readonly begin: (from: { readonly ip: string; readonly client: string | null }) => string;
  /**
   * Whether the id belongs to a session that has not run out: 30 minutes without use, 12 hours in all. With
   * `isUse` the visit counts as use; a page that only looks on must not keep itself signed in.
   */
  readonly isAlive: (id: string, isUse: boolean) => boolean;
  readonly end: (id: string) => void;
  /** After the store has dropped all of them. */
  readonly announceAllEnded: () => void;
  /** Calls back once when the session ends by signing out or a new password; returns the way to stop listening. */
  readonly onEnd: (id: string, callback: () => void) => () => void;
};

export function createSessions(store: Store, clock: Clock): Sessions {
  const listeners = new Map<string, Set<() => void>>();

  const announce = (id: string): void => {
    const callbacks = listeners.get(id) ?? [];
    listeners.delete(id);
    for (const callback of callbacks) callback();
  };
  return {
    begin(from) {
      const nowMs = clock.nowMs();
      deleteStaleSessions(store, { begunBeforeMs: nowMs - ageLimitMs, unusedSinceMs: nowMs - idleLimitMs });
      const id = randomBytes(32).toString('base64url');
      insertSession(store, { hash: sha256(id), createdMs: nowMs, lastUsedMs: nowMs, ...from });
      return id;
    },
    isAlive(id, isUse) {
      const hash = sha256(id);
      const session = findSession(store, hash);
      if (session === null) return false;
      const nowMs = clock.nowMs();
      if (nowMs - session.createdMs >= ageLimitMs || nowMs - session.lastUsedMs >= idleLimitMs) {
        deleteSession(store, hash);
        announce(id);
        return false;
      }
      if (isUse && nowMs - session.lastUsedMs >= noteUseEveryMs) touchSession(store, hash, nowMs);
      return true;
    },
    end(id) {
      deleteSession(store, sha256(id));
      announce(id);
    },
    announceAllEnded() {
      for (const id of listeners.keys()) announce(id);
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

/** The session id a request's Cookie header shows, or null. */
export function sessionIdFrom(cookieHeader: string | undefined): string | null {
  for (const pair of (cookieHeader ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined && value !== '') return value.slice(0, 200);
  }
  return null;
}

/** A cookie for this browser session; the server's own limits end it earlier. */
export function sessionCookie(id: string): string {
  return `${cookieName}=${id}; Path=/; HttpOnly; SameSite=Strict`;
}

export function expiredSessionCookie(): string {
  return `${cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;
}

/**
 * What a page sends back as `X-Inglenook-CSRF`. Made from the session's id, which scripts cannot read, so
 * nothing more needs to be stored and nobody else can make it.
 */
export function csrfTokenFor(secret: string): string {
  return sha256(`csrf:${secret}`).toString('base64url');
}
