/** Who is asking, as far as the key tells. */
export type Principal = {
  readonly keyId: string;
  readonly keyName: string;
  readonly person: string | null;
  readonly team: string | null;
  readonly device: string | null;
  readonly role: 'inference' | 'ops';
  /** Names of models and aliases this key may use; null for all. */
  readonly models: readonly string[] | null;
};
