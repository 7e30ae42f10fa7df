import type { Principal } from '../core/principal.ts';
import { hashKey, isWellFormedKey } from '../core/key-format.ts';
import { findKeyByHash, keyStatus } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import { invalidKey, presentedKey, type KeyBearing } from './presented-key.ts';

/**
 * Who is asking? Headers only, before anything of the body is read. A change or revocation counts from the
 * next request, since the store is asked each time (a lookup by indexed hash, some microseconds).
 * @throws AppError 401 for every key that does not hold, with one text for all reasons.
 */
export function authenticate(store: Store, request: KeyBearing, nowMs: number): Principal {
  const key = presentedKey(request);
  if (key === null || !isWellFormedKey(key)) throw invalidKey();
  const stored = findKeyByHash(store, hashKey(key));
  if (stored === null || keyStatus(stored, nowMs) !== 'active') throw invalidKey();
  return {
    keyId: stored.id,
    keyName: stored.name,
    person: stored.person,
    team: stored.team,
    device: stored.device,
    role: stored.role,
    models: stored.models,
  };
}
