import { systemClock, type Clock } from '../../server/core/clock.ts';
import { codeAt } from '../unit/admin-security/app-codes.ts';

const halfMinuteMs = 30_000;

/** A server's clock for tests of the second step. */
export type CodeClock = {
  readonly clock: Clock;
  /** What the authenticator app shows next. Each code counts once, so the clock goes on by half a minute for it. */
  readonly nextCode: (secret: string) => string;
};

/** It stands in the middle of a half minute, so that a code which is typed slowly still counts. */
export function createCodeClock(): CodeClock {
  let nowMs = (Math.floor(Date.now() / halfMinuteMs) + 0.5) * halfMinuteMs;
  return {
    clock: { ...systemClock, nowMs: () => nowMs },
    nextCode(secret) {
      nowMs += halfMinuteMs;
      return codeAt(secret, nowMs);
    },
  };
}
