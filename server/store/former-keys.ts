import { AppError } from '../core/errors.ts';
import { hashKey, keyHint, newKeyText } from '../core/key-format.ts';
import type { KeyRecord } from '../wire/admin.ts';
import { findKey, findKeyByHash, keyStatus, toKeyRecord, type FormerKey, type StoredKey } from './keys.ts';
import { statement, write, type Store } from './open.ts';
import { forgetResponses } from './responses.ts';

/**
 * A new text for a key that is there. Id, name, limits and what was spent stay, so that old and new text together may
 * use no more than one; the old one goes on for the time that its device needs to be given the new one.
 */

/** The key that a text belongs to; `former` where it is one from before it was replaced. */
export type ShownKey = { readonly key: StoredKey; readonly former: FormerKey | null };

/** Bounds what somebody must keep in mind; nobody needs a second one for long. */
const mostFormer = 5;

/** By the SHA-256 of the text. Whether it still counts is another question. */
export function findShownKey(store: Store, hash: Buffer): ShownKey | null {
  const key = findKeyByHash(store, hash);
  if (key !== null) return { key, former: null };
  const row = statement(
    store,
    `SELECT key_id AS keyId, hint, ends_ms AS endsMs, last_used_ms AS lastUsedMs FROM former_keys WHERE hash = ?`,
  ).get(hash) as (FormerKey & { readonly keyId: string }) | undefined;
  if (row === undefined) return null;
  const { keyId, ...former } = row;
  const replaced = findKey(store, keyId);
  return replaced === null ? null : { key: replaced, former };
}

type Replacement = {
  /** Until when the present text goes on; not after now: it ends at once. */
  readonly oldEndsMs: number;
  readonly nowMs: number;
  /** The address it was fetched from, where by pairing. */
  readonly pairedFrom?: string;
};

/**
 * Gives a key another text, which exists nowhere else afterwards.
 * @throws AppError 404 for an unknown id, 409 for a key that is revoked or expired, or of which too many texts count
 */
export function replaceKey(
  store: Store,
  id: string,
  { oldEndsMs, nowMs, pairedFrom }: Replacement,
): { readonly record: KeyRecord; readonly key: string } {
  const text = newKeyText();
  return write(store, () => {
    const before = requireLiving(store, id, nowMs);
    statement(store, 'DELETE FROM former_keys WHERE key_id = @id AND ends_ms <= @nowMs').run({ id, nowMs });
    if (oldEndsMs > nowMs) {
      if (before.former.filter(({ endsMs }) => endsMs > nowMs).length >= mostFormer) throw tooMany(before);
      statement(
        store,
        `INSERT INTO former_keys (hash, key_id, hint, replaced_ms, ends_ms, last_used_ms)
         SELECT hash, id, hint, @nowMs, @oldEndsMs,
           CASE WHEN last_used_ms >= coalesce(replaced_ms, created_ms) THEN last_used_ms END
         FROM keys WHERE id = @id`,
      ).run({ id, nowMs, oldEndsMs });
    } else {
      // Who wants the old text gone does not want those before it either.
      statement(store, 'DELETE FROM former_keys WHERE key_id = ?').run(id);
      // Kept responses open by the text alone, which nobody may show any more.
      forgetResponses(store, id);
    }
    statement(
      store,
      `UPDATE keys SET hash = @hash, hint = @hint, replaced_ms = @nowMs,
         paired_from = coalesce(@pairedFrom, paired_from)
       WHERE id = @id`,
    ).run({ id, hash: hashKey(text), hint: keyHint(text), nowMs, pairedFrom: pairedFrom ?? null });
    store.policyVersion += 1;
    return { record: toKeyRecord(findKey(store, id) ?? before, nowMs), key: text };
  });
}

/** Ends the texts from before at once. Changes nothing where none counts. */
export function endFormerKeys(store: Store, id: string): void {
  write(store, () => {
    statement(store, 'DELETE FROM former_keys WHERE key_id = ?').run(id);
    store.policyVersion += 1;
  });
}

/** @throws AppError 404, 409 */
export function requireLiving(store: Store, id: string, nowMs: number): StoredKey {
  const key = findKey(store, id);
  if (key === null) {
    throw new AppError('There is no such key.', { status: 404, code: 'key_not_found', param: 'key' });
  }
  switch (keyStatus(key, nowMs)) {
    case 'revoked':
      throw new AppError(`The key “${key.name}” has been revoked and cannot be replaced. Create a new one.`, {
        status: 409,
        code: 'key_revoked',
      });
    case 'expired':
      throw new AppError(`The key “${key.name}” has expired. Give it a later end first, then replace it.`, {
        status: 409,
        code: 'key_expired',
      });
    case 'active':
    case 'paused':
      return key;
  }
}

function tooMany({ name }: StoredKey): AppError {
  return new AppError(
    `${mostFormer} earlier texts of the key “${name}” still work. End them first, or replace it without a time for the old one.`,
    { status: 409, code: 'too_many_former_keys' },
  );
}
