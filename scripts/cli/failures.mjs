/** Refused, with the reason: exit code 1. */
export class Refused extends Error {
  /** @override */
  name = 'Refused';
}

/** Called wrongly: exit code 2. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError';
}
