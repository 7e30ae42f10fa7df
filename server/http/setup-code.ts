import { randomBytes } from 'node:crypto';
import { ownerPasswordHash } from '../store/owner.ts';
import type { Store } from '../store/open.ts';

/** Goes into the fragment of the one-time link printed at start, so it is in no request line and no log. */
export type SetupCode = { readonly token: string };

/** A new code for this start, or null when the owner has a password already. 256 random bits. */
export function createSetupCode(store: Store): SetupCode | null {
  return ownerPasswordHash(store) === null ? { token: randomBytes(32).toString('base64url') } : null;
}
