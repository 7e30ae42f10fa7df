import { Secret, TOTP } from 'otpauth';

/** Codes of authenticator apps (RFC 6238), in the one form that all of them know: SHA-1, six digits, 30 s. */
const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const;

/** RFC 4226 §4 asks for 128 bits at least and recommends 160. */
const secretBytes = 20;

/** Random, in base32, as apps take it when it is typed in. */
export function newTotpSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** What the QR code says: the form of address that apps register (`otpauth://totp/…`). */
export function totpUri(secret: string, account: string): string {
  return new TOTP({
    issuer: 'Inglenook',
    label: account,
    secret: Secret.fromBase32(secret),
    ...form,
  }).toString();
}

/**
 * The step that the code belongs to, or null for a wrong one. The step before and the one after count too: clocks differ,
 * and typing takes a moment (RFC 6238 §5.2). Whether a step was used before is for the caller to say.
 */
export function totpStep(code: string, secret: string, nowMs: number): number | null {
  const token = code.replaceAll(/\s/gu, '');
  if (!/^\d{6}$/u.test(token)) return null;
  const timing = { timestamp: nowMs, period: form.period };
  const delta = TOTP.validate({ token, secret: Secret.fromBase32(secret), window: 1, ...form, ...timing });
  return delta === null ? null : TOTP.counter(timing) + delta;
}
