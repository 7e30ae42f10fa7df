/** Who did it. `stranger`: nobody who was known, such as somebody with a wrong password. */
export type AuditActor = 'owner' | 'device' | 'server' | 'stranger';

/** By what they were known: the owner's password, the app's own window, the token file (scripts, command line), pairing. */
export type AuditVia = 'password' | 'window' | 'token' | 'pairing';

/** `done`, turned away before anything happened, or begun and not finished. */
export type AuditOutcome = 'done' | 'refused' | 'failed';

/** What may be said beside the act: short facts, never a secret, a prompt or an answer. */
export type AuditDetails = Readonly<Record<string, unknown>>;

/** One act to be kept. */
export type AuditEntry = {
  readonly actor: AuditActor;
  readonly via?: AuditVia | null;
  readonly ip?: string | null;
  readonly client?: string | null;
  /** What was done, such as `key.create`. */
  readonly act: string;
  /** To what, by its name. */
  readonly object?: string | null;
  readonly outcome: AuditOutcome;
  /** Why it was not done, as `AppError.code` says it. */
  readonly code?: string | null;
  readonly details?: AuditDetails;
};

/** What whoever acts on their own behalf (pairing, the server itself) is handed to tell of it. */
export type AuditTrail = {
  /** Adds one row, as part of the transaction that is under way if there is one. Throws where it cannot be written. */
  readonly append: (entry: AuditEntry) => void;
  /** The same where the act is done already: a row that cannot be written is logged, and the next row tells of it. */
  readonly appendLate: (entry: AuditEntry) => void;
};

const longest = 300;

/**
 * Text that may stand in the audit: cut, and without what looks like a key, a token or the credentials and query of an
 * address. A belt beside the braces: what is said is chosen field by field before.
 */
export function sayable(text: string): string {
  return text
    .slice(0, 2_000)
    .replaceAll(/\b(sk-ink_|adm-ink_|ink-[a-z]+_|sk-|hf_|gh[a-z]_|xox[a-z]-|eyJ)[\w.-]{8,}/gu, '$1…')
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/giu, '$1…@')
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#]+)[?#]\S*/giu, '$1?…')
    .replaceAll(/-----BEGIN [^-]+-----[\s\S]*/gu, '-----BEGIN …')
    .slice(0, longest);
}

/** The same for whatever JSON can hold; what is too deep or too much is left out. */
export function sayableValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return sayable(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth > 6) return '…';
  if (Array.isArray(value)) return value.slice(0, 50).map((one) => sayableValue(one, depth + 1));
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(
    entries.slice(0, 50).map(([name, one]) => [sayable(name), sayableValue(one, depth + 1)]),
  );
}
