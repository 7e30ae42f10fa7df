import { Secret, TOTP } from 'otpauth';
import { password, signUp, type AdminServer, type Answer } from '../admin/admin-server.ts';

/** What the owner's telephone shows at this moment. */
export function codeAt(secret: string, timeMs: number): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: timeMs });
}

export type Owner = {
  /** What a signed-in page sends. */
  readonly session: Record<string, string>;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
};

/** A server whose owner has set the second step up; half a minute has passed since, so that the next code is a new one. */
export async function withSecondStep(server: AdminServer): Promise<Owner> {
  const session = await signUp(server);
  const begun = await server.send('POST', '/api/totp', {
    headers: session,
    body: { currentPassword: password },
  });
  const { secret } = begun.json as { secret: string };
  const confirmed = await server.send('POST', '/api/totp/confirm', {
    headers: session,
    body: { code: codeAt(secret, server.time.nowMs) },
  });
  server.time.nowMs += 30_000;
  return { session, secret, recoveryCodes: (confirmed.json as { recoveryCodes: string[] }).recoveryCodes };
}

export function signInWith(server: AdminServer, body: { password?: string; code?: string }): Promise<Answer> {
  return server.send('POST', '/api/session', { body: { password, ...body } });
}

/** Status and code of a refusal. */
export function refusal(answer: Answer): [number, string | undefined] {
  const { error } = (answer.json ?? {}) as { error?: { code: string } };
  return [answer.status, error?.code];
}
