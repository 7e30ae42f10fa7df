import type { KeyUse } from '../store/keys.ts';
import type { Entry } from './entry.ts';

/** A key that asks all the time is noted once a second, unless it is used from elsewhere or otherwise. */
const leastBetweenUsesMs = 1000;

/** What is to be kept of a request's use of its key; null where there is nothing new. */
export function createUses(): (entry: Entry) => (KeyUse & { readonly keyId: string }) | null {
  const last = new Map<string, KeyUse>();
  return ({ principal, arrivedAtMs: atMs, ip, host, client, plain }) => {
    // What the owner tries as a device says nothing of where that is, or that it is in use.
    if (principal === null || principal.isOwner === true) return null;
    const { keyId, formerHint } = principal;
    const before = last.get(keyId);
    const isNews =
      before === undefined ||
      Math.abs(atMs - before.atMs) >= leastBetweenUsesMs ||
      before.ip !== ip ||
      before.host !== host ||
      before.client !== client ||
      before.plain !== plain ||
      before.formerHint !== formerHint;
    if (!isNews) return null;
    const use = { atMs, ip, host, client, plain, ...(formerHint === undefined ? {} : { formerHint }) };
    last.set(keyId, use);
    return { keyId, ...use };
  };
}
