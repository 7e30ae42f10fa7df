import { replacedByNewer } from '../../../core/errors.ts';
import type { WireError } from '../protocol.ts';

const { message, status, code, param, retryAfterSeconds } = replacedByNewer();

/** What an older request is told when a newer one of the same device has taken its place. */
export const replaced: WireError = { message, status, code, param, retryAfterSeconds };
