/** Refused, with the reason and the way on: exit code 1. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A settings file that cannot be changed without a risk for what is in it. It is left as it is. */
export class Untouched extends Error {
  override readonly name = 'Untouched';
}

/** What the system calls it (`ENOENT`), or null for what is not the system's. */
export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
