import { AppError } from '../core/errors.ts';

type Hopeless = { readonly waitMs: number; readonly hopelessMs: number; readonly isOwnDoing: boolean };

/** Told at once instead of after minutes of waiting; when the wait is short enough again is when to come back. */
export function refuseHopeless({ waitMs, hopelessMs, isOwnDoing }: Hopeless): AppError {
  const seconds = Math.max(1, Math.ceil((waitMs - hopelessMs) / 1000));
  const minutes = Math.ceil(waitMs / 60_000);
  return isOwnDoing
    ? new AppError(
        `Requests of this key already wait for about ${minutes} minutes. Let some of them end first; others are served meanwhile.`,
        { status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: seconds },
      )
    : new AppError(
        `The wait for this model would be about ${minutes} minutes. Please try again later, or ask the owner for a faster model.`,
        { status: 503, code: 'overloaded', retryAfterSeconds: seconds },
      );
}

type Crowd = { readonly waiting: number; readonly isOwn: boolean; readonly nextFreeMs: number };

/** More than are let wait, however short the wait. */
export function refuseCrowd({ waiting, isOwn, nextFreeMs }: Crowd): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(nextFreeMs / 1000));
  return isOwn
    ? new AppError(
        `${waiting} requests of this key are already waiting for this model. Send the next ones when some of them have been answered.`,
        { status: 429, code: 'rate_limit_exceeded', retryAfterSeconds },
      )
    : new AppError(
        `${waiting} requests are already waiting for this model. Please try again in a moment, or ask the owner for a faster model.`,
        { status: 503, code: 'overloaded', retryAfterSeconds },
      );
}
