import type { WireError } from './protocol.ts';

/** What an older request is told when a newer one of the same device has taken its place. */
export const replaced: WireError = {
  message: 'A newer completion was asked for by the same device, so this one was given up.',
  status: 409,
  code: 'replaced',
  param: null,
  retryAfterSeconds: null,
};
