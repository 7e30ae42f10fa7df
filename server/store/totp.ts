import { statement, write, type Store } from './open.ts';
import { seal, unseal } from './seal.ts';

/** The owner's second step of signing in, as it is kept. */
export type StoredTotp = {
  readonly begunMs: number;
  /** Null until the first code has shown that the app has the secret. */
  readonly confirmedMs: number | null;
};

const purpose = 'owner totp';

/** Null while it is off. */
export function findTotp(store: Store): StoredTotp | null {
  const row = statement(
    store,
    'SELECT begun_ms AS begunMs, confirmed_ms AS confirmedMs FROM owner_totp',
  ).get();
  return row === undefined ? null : (row as StoredTotp);
}

/** In base32; null where the server's secret is another than the one it was sealed with. */
export function totpSecret(store: Store, serverSecret: string): string | null {
  const sealed = statement(store, 'SELECT sealed_secret FROM owner_totp').pluck().get();
  return sealed === undefined ? null : unseal(sealed as Buffer, { secret: serverSecret, purpose });
}

/** Begins anew with this secret. Whoever had begun before and not confirmed has nothing any more. */
export function beginTotp(
  store: Store,
  { secret, serverSecret, nowMs }: { secret: string; serverSecret: string; nowMs: number },
): void {
  const sealed = seal(secret, { secret: serverSecret, purpose });
  write(store, () =>
    statement(
      store,
      `INSERT INTO owner_totp (id, sealed_secret, begun_ms) VALUES (1, @sealed, @nowMs)
       ON CONFLICT (id) DO UPDATE SET sealed_secret = @sealed, begun_ms = @nowMs, last_step = 0
       WHERE confirmed_ms IS NULL`,
    ).run({ sealed, nowMs }),
  );
}

/** Switches it on with the codes for the day the telephone is lost. */
export function confirmTotp(store: Store, codeHashes: readonly Buffer[], nowMs: number): void {
  write(store, () => {
    statement(store, 'UPDATE owner_totp SET confirmed_ms = ? WHERE confirmed_ms IS NULL').run(nowMs);
    replaceRecoveryCodes(store, codeHashes);
  });
}

export function removeTotp(store: Store): void {
  write(store, () => {
    statement(store, 'DELETE FROM owner_totp').run();
    statement(store, 'DELETE FROM recovery_codes').run();
  });
}

/** False where a code of this step, or of a later one, was taken before: of two at the same time one wins. */
export function takeTotpStep(store: Store, step: number): boolean {
  return write(
    store,
    () =>
      statement(store, 'UPDATE owner_totp SET last_step = @step WHERE last_step < @step').run({ step })
        .changes === 1,
  );
}

export function replaceRecoveryCodes(store: Store, codeHashes: readonly Buffer[]): void {
  write(store, () => {
    statement(store, 'DELETE FROM recovery_codes').run();
    for (const hash of codeHashes) statement(store, 'INSERT INTO recovery_codes (hash) VALUES (?)').run(hash);
  });
}

/** False where there is none like it, or it was used before. */
export function takeRecoveryCode(store: Store, hash: Buffer, nowMs: number): boolean {
  return write(
    store,
    () =>
      statement(store, 'UPDATE recovery_codes SET used_ms = ? WHERE hash = ? AND used_ms IS NULL').run(
        nowMs,
        hash,
      ).changes === 1,
  );
}

export function recoveryCodesLeft(store: Store): number {
  return Number(statement(store, 'SELECT count(*) FROM recovery_codes WHERE used_ms IS NULL').pluck().get());
}
