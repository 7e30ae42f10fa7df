import { statement, write, type Store } from './open.ts';
import { seal, unseal } from './seal.ts';
import { getSetting, setSetting } from './settings.ts';

/** Responses that clients may ask for again: encrypted, per key, for a time. */

export type ResponseOwner = {
  readonly keyId: string;
  /** The API key itself. It encrypts what is kept, and is kept nowhere. */
  readonly secret: string;
};

/** A larger one is not kept. */
const mostBytesOfOne = 4 * 1024 * 1024;
/** Beyond it a key's oldest ones go first. */
const mostBytesOfKey = 64 * 1024 * 1024;

/** Keeps a value, JSON of it, under this id. False where it is too large. Throws an AppError when the disk does not take it. */
export function saveResponse(
  store: Store,
  { keyId, secret }: ResponseOwner,
  { id, value, nowMs }: { readonly id: string; readonly value: unknown; readonly nowMs: number },
): boolean {
  const text = JSON.stringify(value);
  // Before it is encrypted: no character is less than a byte.
  if (text.length > mostBytesOfOne) return false;
  const sealed = seal(text, { secret, purpose: `response ${id}` });
  if (sealed.length > mostBytesOfOne) return false;
  write(store, () => {
    statement(
      store,
      `INSERT INTO responses (id, key_id, created_ms, bytes, sealed) VALUES (@id, @keyId, @nowMs, @bytes, @sealed)
       ON CONFLICT (id) DO NOTHING`,
    ).run({ id, keyId, nowMs, bytes: sealed.length, sealed });
    makeRoom(store, keyId);
  });
  return true;
}

/** The value, or undefined: unknown, another key's, or older than the owner lets it become. */
export function findResponse(
  store: Store,
  { keyId, secret }: ResponseOwner,
  id: string,
  nowMs: number,
): unknown {
  const row = statement(
    store,
    'SELECT sealed FROM responses WHERE id = @id AND key_id = @keyId AND created_ms > @from',
  ).get({ id, keyId, from: nowMs - responseLifeMs(store) });
  if (row === undefined) return undefined;
  const text = unseal((row as { sealed: Buffer }).sealed, { secret, purpose: `response ${id}` });
  return text === null ? undefined : (JSON.parse(text) as unknown);
}

/** Whether there was such a response of this key. */
export function deleteResponse(store: Store, keyId: string, id: string): boolean {
  return write(
    store,
    () => statement(store, 'DELETE FROM responses WHERE id = ? AND key_id = ?').run(id, keyId).changes > 0,
  );
}

/** Forgets all responses of a key, or of all keys; how many there were. */
export function forgetResponses(store: Store, keyId: string | null): number {
  return write(
    store,
    () =>
      statement(store, 'DELETE FROM responses WHERE @keyId IS NULL OR key_id = @keyId').run({ keyId })
        .changes,
  );
}

/** Forgets what is older than the owner lets it become; how many those were. */
export function pruneResponses(store: Store, nowMs: number): number {
  return write(
    store,
    () =>
      statement(store, 'DELETE FROM responses WHERE created_ms <= ?').run(nowMs - responseLifeMs(store))
        .changes,
  );
}

export type KeptResponses = {
  readonly keyId: string;
  readonly count: number;
  readonly bytes: number;
  readonly oldestMs: number;
};

/** How many there are, by key. */
export function sumResponses(store: Store): KeptResponses[] {
  return statement(
    store,
    `SELECT key_id AS keyId, count(*) AS count, sum(bytes) AS bytes, min(created_ms) AS oldestMs
     FROM responses GROUP BY key_id ORDER BY key_id`,
  ).all() as KeptResponses[];
}

/** The newest of a key that fit; those before go. */
function makeRoom(store: Store, keyId: string): void {
  statement(
    store,
    `DELETE FROM responses WHERE rowid IN (
       SELECT rowid FROM (
         SELECT rowid, sum(bytes) OVER (ORDER BY created_ms DESC, rowid DESC) AS upTo
         FROM responses WHERE key_id = @keyId)
       WHERE upTo > @most)`,
  ).run({ keyId, most: mostBytesOfKey });
}

// --- for how long --------------------------------------------------------------------------------------------

const hoursName = 'responses.keepHours';
const usualHours = 24;
export const mostResponseHours = 24 * 30;

/** For how many hours responses are kept; 0: not at all. */
export function responseHours(store: Store): number {
  const hours = getSetting(store, hoursName);
  return typeof hours === 'number' && hours >= 0 && hours <= mostResponseHours ? hours : usualHours;
}

/** Counts for what is kept already too. */
export function setResponseHours(store: Store, hours: number, nowMs: number): void {
  setSetting(store, hoursName, hours);
  pruneResponses(store, nowMs);
}

function responseLifeMs(store: Store): number {
  return responseHours(store) * 3_600_000;
}
