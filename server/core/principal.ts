import type { PassFor } from './pass.ts';
import type { KeyPolicy } from './policy.ts';

/** Who is asking, as far as the key tells, and what the owner has set for it. */
export type Principal = KeyPolicy & {
  readonly keyId: string;
  readonly keyName: string;
  readonly person: string | null;
  readonly team: string | null;
  readonly device: string | null;
  readonly role: 'inference' | 'ops';
  /** Names of models and aliases this key may use; null for all. */
  readonly models: readonly string[] | null;
  /** Set where the text shown was replaced and goes on for a time: its hint. */
  readonly formerHint?: string;
  /** Of requests of the server's own; absent for everybody else. */
  readonly pass?: PassFor;
  /** Set where the owner asks from the console, be it as this key: the device itself has said and done nothing. */
  readonly isOwner?: true;
};
