import { AppError } from '../core/errors.ts';
import type { Clock } from '../core/clock.ts';
import type { Store } from '../store/open.ts';
import {
  beginTotp,
  confirmTotp,
  findTotp,
  recoveryCodesLeft,
  removeTotp,
  replaceRecoveryCodes,
  takeRecoveryCode,
  takeTotpStep,
  totpSecret,
} from '../store/totp.ts';
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts';
import { newTotpSecret, totpStep, totpUri } from './totp.ts';

/** Whoever has begun and not confirmed within this time begins anew: a secret left on a screen is no secret. */
const confirmWithinMs = 15 * 60_000;

/** The owner's second step of signing in: a code of an authenticator app, or a recovery code. */
export type SecondFactor = {
  readonly state: () => SecondFactorState;
  readonly isOn: () => boolean;
  /** A new secret that does not count yet. @throws AppError 409 while it is on */
  readonly begin: () => { readonly secret: string; readonly uri: string };
  /**
   * Switches it on: the code shows that the app has the secret. Returns the recovery codes, which nobody sees again.
   * @throws AppError 401 for a wrong code, 409 where nothing was begun
   */
  readonly confirm: (code: string) => readonly string[];
  /** Takes a code, once. @throws AppError 401 for a wrong or used one */
  readonly require: (code: string) => 'app' | 'recovery-code';
  /** New recovery codes; those before are worth nothing. */
  readonly renewRecoveryCodes: () => readonly string[];
  readonly remove: () => void;
};

export type SecondFactorState = {
  readonly state: 'off' | 'begun' | 'on';
  readonly sinceMs: number | null;
  readonly recoveryCodesLeft: number;
};

type Means = {
  readonly store: Store;
  readonly clock: Clock;
  readonly serverSecret: string;
  /** How the app shows it in its list: this computer's name. */
  readonly account: string;
};

export function createSecondFactor({ store, clock, serverSecret, account }: Means): SecondFactor {
  const isOn = (): boolean => (findTotp(store)?.confirmedMs ?? null) !== null;

  const isBegun = (): boolean => {
    const totp = findTotp(store);
    return totp !== null && totp.confirmedMs === null && clock.nowMs() - totp.begunMs < confirmWithinMs;
  };

  function takeAppCode(code: string): void {
    const secret = totpSecret(store, serverSecret);
    if (secret === null) throw secretLost();
    const step = totpStep(code, secret, clock.nowMs());
    if (step === null) throw wrongCode();
    if (!takeTotpStep(store, step)) throw usedCode();
  }

  function renew(keep: (hashes: readonly Buffer[]) => void): readonly string[] {
    const codes = newRecoveryCodes();
    keep(codes.map(recoveryCodeHash));
    return codes;
  }

  return {
    isOn,
    state() {
      const sinceMs = findTotp(store)?.confirmedMs ?? null;
      const state = sinceMs !== null ? 'on' : isBegun() ? 'begun' : 'off';
      return { state, sinceMs, recoveryCodesLeft: recoveryCodesLeft(store) };
    },
    begin() {
      if (isOn()) throw alreadyOn();
      const secret = newTotpSecret();
      beginTotp(store, { secret, serverSecret, nowMs: clock.nowMs() });
      return { secret, uri: totpUri(secret, account) };
    },
    confirm(code) {
      if (isOn()) throw alreadyOn();
      if (!isBegun()) throw notBegun();
      takeAppCode(code);
      return renew((hashes) => confirmTotp(store, hashes, clock.nowMs()));
    },
    require(code) {
      if (/^[\d\s]*$/u.test(code)) {
        takeAppCode(code);
        return 'app';
      }
      if (takeRecoveryCode(store, recoveryCodeHash(code), clock.nowMs())) return 'recovery-code';
      throw wrongCode();
    },
    renewRecoveryCodes: () => renew((hashes) => replaceRecoveryCodes(store, hashes)),
    remove: () => removeTotp(store),
  };
}

function wrongCode(): AppError {
  return refusal('wrong_code', 'The code is not right. Take the newest one of the app, or a recovery code.');
}

function usedCode(): AppError {
  return refusal('code_used', 'This code has been used already. Wait for the next one that the app shows.');
}

function secretLost(): AppError {
  return refusal(
    'second_factor_lost',
    'Codes of the app cannot be checked, since the file server.key of the data folder is another than before. Use a recovery code, or run on the computer itself: npx inglenook owner reset-totp',
  );
}

function refusal(code: string, message: string): AppError {
  return new AppError(message, { status: 401, code, param: 'code', retryable: false });
}

function alreadyOn(): AppError {
  return new AppError('The second step is on already. Switch it off first to set it up anew.', {
    status: 409,
    code: 'second_factor_on',
  });
}

function notBegun(): AppError {
  return new AppError('Nothing waits to be confirmed. Begin the set-up once more and scan the new code.', {
    status: 409,
    code: 'second_factor_not_begun',
  });
}
