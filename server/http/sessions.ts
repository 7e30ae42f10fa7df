import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import type { Clock } from '../core/clock.ts';
import { clientOf } from '../edge/client.ts';
import {
  deleteSession,
  deleteStaleSessions,
  findSession,
  forgetSession,
  insertSession,
  listSessions,
  touchSession,
  type StoredSession,
} from '../store/owner.ts';
import type { Store } from '../store/open.ts';
import type { SessionRecord } from '../wire/security.ts';
import { sha256 } from './secrets.ts';

const idleLimitMs = 30 * 60_000;
const ageLimitMs = 12 * 60 * 60_000;
/** For so long after the password was shown a session may do what reaches beyond it. */
const confirmedForMs = 10 * 60_000;
/** Use is noted at most this often, so that reading a page is not a row of writes. */
const noteUseEveryMs = 30_000;

/** Cookies do not tell ports apart, hence a name nobody else on this computer uses. */
const plainCookieName = 'inglenook_session';
/** A browser takes such a name only with `Secure` and from this very host, so nobody on plain http can plant one. */
const secureCookieName = '__Host-inglenook_session';

export type Sessions = {
  /** Signs a browser in and returns the id for its cookie: 256 random bits, stored only as a hash. */
  readonly begin: (from: { readonly ip: string; readonly client: string | null }) => string;
  /**
   * Whether the id belongs to a session that has not run out: 30 minutes without use, 12 hours in all. With
   * `isUse` the visit counts as use; a page that only looks on must not keep itself signed in.
   */
  readonly isAlive: (id: string, isUse: boolean) => boolean;
  /** The password was shown again. */
  readonly confirm: (id: string) => void;
  /** Whether the password was shown within the last ten minutes, at signing in or since; not beyond a restart. */
  readonly isConfirmed: (id: string) => boolean;
  readonly end: (id: string) => void;
  /** Those that live, newest use first; `currentId` is the caller's own. */
  readonly list: (currentId: string | null) => SessionRecord[];
  /** Ends the one with this id of the list. False where there is none. */
  readonly endListed: (recordId: string) => boolean;
  /** Ends all but this one; null for all. Returns how many. */
  readonly endOthers: (currentId: string | null) => number;
  /** After the store has dropped all of them. */
  readonly announceAllEnded: () => void;
  /** Calls back once when the session ends before its time; returns the way to stop listening. */
  readonly onEnd: (id: string, callback: () => void) => () => void;
};

export function createSessions(store: Store, clock: Clock): Sessions {
  /** By the hash of the session's id. */
  const listeners = new Map<string, Set<() => void>>();

  /** When the password was last shown, by the hash of the session's id. */
  const confirmed = new Map<string, number>();
  const isRecent = (atMs: number | undefined): boolean =>
    atMs !== undefined && clock.monotonicMs() - atMs < confirmedForMs;
  const confirm = (id: string): void => {
    for (const [name, atMs] of confirmed) if (!isRecent(atMs)) confirmed.delete(name);
    confirmed.set(nameOf(sha256(id)), clock.monotonicMs());
  };

  const announce = (name: string): void => {
    const callbacks = listeners.get(name) ?? [];
    listeners.delete(name);
    for (const callback of callbacks) callback();
  };
  const isOver = ({ createdMs, lastUsedMs }: StoredSession, nowMs: number): boolean =>
    nowMs - createdMs >= ageLimitMs || nowMs - lastUsedMs >= idleLimitMs;
  const living = (): StoredSession[] => {
    const nowMs = clock.nowMs();
    return listSessions(store).filter((session) => !isOver(session, nowMs));
  };
  const endStored = ({ hash }: Pick<StoredSession, 'hash'>): void => {
    deleteSession(store, hash);
    announce(nameOf(hash));
  };
  return {
    begin(from) {
      const nowMs = clock.nowMs();
      deleteStaleSessions(store, { begunBeforeMs: nowMs - ageLimitMs, unusedSinceMs: nowMs - idleLimitMs });
      const id = randomBytes(32).toString('base64url');
      insertSession(store, { hash: sha256(id), createdMs: nowMs, lastUsedMs: nowMs, ...from });
      confirm(id);
      return id;
    },
    isAlive(id, isUse) {
      const hash = sha256(id);
      const session = findSession(store, hash);
      if (session === null) return false;
      const nowMs = clock.nowMs();
      if (isOver(session, nowMs)) {
        forgetSession(store, hash);
        announce(nameOf(hash));
        return false;
      }
      if (isUse && nowMs - session.lastUsedMs >= noteUseEveryMs) touchSession(store, hash, nowMs);
      return true;
    },
    confirm,
    isConfirmed: (id) => isRecent(confirmed.get(nameOf(sha256(id)))),
    end: (id) => endStored({ hash: sha256(id) }),
    list: (currentId) => living().map((session) => toRecord(session, currentId)),
    endListed(recordId) {
      const session = living().find(({ hash }) => recordIdOf(hash) === recordId);
      if (session !== undefined) endStored(session);
      return session !== undefined;
    },
    endOthers(currentId) {
      const own = currentId === null ? null : sha256(currentId);
      const others = living().filter(({ hash }) => own === null || !hash.equals(own));
      for (const session of others) endStored(session);
      return others.length;
    },
    announceAllEnded() {
      for (const name of listeners.keys()) announce(name);
    },
    onEnd(id, callback) {
      const name = nameOf(sha256(id));
      const callbacks = listeners.get(name) ?? new Set();
      listeners.set(name, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(name) === callbacks) listeners.delete(name);
      };
    },
  };
}

function nameOf(hash: Buffer): string {
  return hash.toString('hex');
}

/** What a list may say: made from the hash, which nobody gets back from it. */
function recordIdOf(hash: Buffer): string {
  return `ses_${sha256(`record:${nameOf(hash)}`)
    .toString('hex')
    .slice(0, 16)}`;
}

function toRecord(
  { hash, createdMs, lastUsedMs, ip, client }: StoredSession,
  currentId: string | null,
): SessionRecord {
  return {
    id: recordIdOf(hash),
    createdAt: new Date(createdMs).toISOString(),
    lastUsedAt: new Date(lastUsedMs).toISOString(),
    ip,
    client,
    current: currentId !== null && hash.equals(sha256(currentId)),
  };
}

/** The session id that a request shows, or null. On https only what was given on https counts. */
export function sessionIdFrom(request: Request): string | null {
  const wanted = cookieNameOn(clientOf(request).isSecure);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted && value !== undefined && value !== '') return value.slice(0, 200);
  }
  return null;
}

/** A cookie for this browser session; the server's own limits end it earlier. */
export function sessionCookie(id: string, isSecure: boolean): string {
  return `${cookieNameOn(isSecure)}=${id}; Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

export function expiredSessionCookie(isSecure: boolean): string {
  return `${sessionCookie('', isSecure)}; Max-Age=0`;
}

function cookieNameOn(isSecure: boolean): string {
  return isSecure ? secureCookieName : plainCookieName;
}

/**
 * What a page sends back as `X-Inglenook-CSRF`. Made from the session's id, which scripts cannot read, so
 * nothing more needs to be stored and nobody else can make it.
 */
export function csrfTokenFor(secret: string): string {
  return sha256(`csrf:${secret}`).toString('base64url');
}
