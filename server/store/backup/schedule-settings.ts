import { z } from 'zod';
import { statement, write, type Store } from '../open.ts';
import { seal, unseal } from '../seal.ts';
import { getSetting, setSetting } from '../settings.ts';

/** What the owner has set about regular backups, and how the last one went. */

const scheduleName = 'backup.schedule';
const outcomeName = 'backup.outcome';
const purpose = 'backup passphrase';

const scheduleSchema = z.object({
  on: z.boolean(),
  folder: z.string().nullable(),
  hour: z.int().min(0).max(23),
  keep: z.int().min(1),
  /** Sealed with the server's secret, in base64; null for none. */
  sealedPassphrase: z.string().nullable(),
});
export type BackupSchedule = Readonly<z.infer<typeof scheduleSchema>>;

const usualSchedule: BackupSchedule = { on: false, folder: null, hour: 3, keep: 14, sealedPassphrase: null };

export function getSchedule(store: Store): BackupSchedule {
  return scheduleSchema.safeParse(getSetting(store, scheduleName)).data ?? usualSchedule;
}

export function setSchedule(store: Store, schedule: BackupSchedule): void {
  setSetting(store, scheduleName, schedule);
}

export function sealPassphrase(passphrase: string, secret: string): string {
  return seal(passphrase, { secret, purpose }).toString('base64');
}

/** Null where there is none, or the server's secret is another than the one it was sealed with. */
export function openPassphrase({ sealedPassphrase }: BackupSchedule, secret: string): string | null {
  if (sealedPassphrase === null) return null;
  return unseal(Buffer.from(sealedPassphrase, 'base64'), { secret, purpose });
}

const outcomeSchema = z.object({
  atMs: z.number(),
  file: z.string().nullable(),
  bytes: z.number().nullable(),
  /** Null when it succeeded. */
  error: z.string().nullable(),
  lastSuccessMs: z.number().nullable(),
});
export type BackupOutcome = Readonly<z.infer<typeof outcomeSchema>>;

/** Null before the first. */
export function getOutcome(store: Store): BackupOutcome | null {
  return outcomeSchema.safeParse(getSetting(store, outcomeName)).data ?? null;
}

export function setOutcome(store: Store, outcome: BackupOutcome): void {
  setSetting(store, outcomeName, outcome);
}

/** After a restore: what another computer's last backup came to says nothing of this one's. */
export function forgetOutcome(store: Store): void {
  write(store, () => statement(store, 'DELETE FROM settings WHERE name = ?').run(outcomeName));
}
