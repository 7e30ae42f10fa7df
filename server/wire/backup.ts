import { z } from 'zod';

/** Backups and restoring, of the admin API. */

const isoTime = z.iso.datetime();

/** Guessing at a file that somebody has taken along is not slowed down by any server. */
const minimumPassphraseLength = 12;

const passphrase = z
  .string()
  .min(minimumPassphraseLength, `The passphrase needs at least ${minimumPassphraseLength} characters.`)
  .max(1024);

const path = z.string().min(1).max(4096);

/** `POST /api/backups`: `file` is a whole path on the server's computer that does not exist yet. */
export const createBackupRequest = z.strictObject({ file: path, passphrase });
export type CreateBackupRequest = z.infer<typeof createBackupRequest>;

/** `POST /api/backups/download`: the answer is the file itself. */
export const downloadBackupRequest = createBackupRequest.omit({ file: true });
export type DownloadBackupRequest = z.infer<typeof downloadBackupRequest>;

export const createdBackup = z.object({
  file: z.string(),
  bytes: z.number().int(),
  madeAt: isoTime,
});
export type CreatedBackup = z.infer<typeof createdBackup>;

/** `PUT /api/backups/schedule`: what is left out stays. The passphrase is never shown again. */
export const backupScheduleRequest = z.strictObject({
  on: z.boolean().optional(),
  /** A folder on the server's computer, or of a disk or share that is connected to it; null for none. */
  folder: path.nullish(),
  /** Full hour of the day, in the server's time zone. */
  hour: z.number().int().min(0).max(23).optional(),
  /** How many files are kept; older ones of this computer are deleted after a new one is complete. */
  keep: z.number().int().min(1).max(1000).optional(),
  passphrase: passphrase.optional(),
});
export type BackupScheduleRequest = z.infer<typeof backupScheduleRequest>;

export const backupState = z.object({
  schedule: z.object({
    on: z.boolean(),
    folder: z.string().nullable(),
    hour: z.number().int(),
    timeZone: z.string(),
    keep: z.number().int(),
    hasPassphrase: z.boolean(),
    nextAt: isoTime.nullable(),
  }),
  running: z.boolean(),
  /** How the last scheduled one went; null before the first. */
  last: z
    .object({
      at: isoTime,
      ok: z.boolean(),
      file: z.string().nullable(),
      bytes: z.number().int().nullable(),
      /** What went wrong, as a sentence. */
      error: z.string().nullable(),
    })
    .nullable(),
  lastSuccessAt: isoTime.nullable(),
  /** This computer's backups in the folder, newest first. */
  files: z.array(z.object({ file: z.string(), bytes: z.number().int(), madeAt: isoTime })),
  /** Copies from before the database was brought to another version; deleted after two weeks. */
  snapshots: z.array(z.object({ file: z.string(), bytes: z.number().int(), madeAt: isoTime })),
});
export type BackupState = z.infer<typeof backupState>;

/** `POST /api/restore`: opens and checks the backup; it is put in place at the server's next start. */
export const restoreRequest = z.strictObject({ file: path, passphrase: z.string().min(1).max(1024) });
export type RestoreRequest = z.infer<typeof restoreRequest>;

const preparedRestore = z.object({
  file: z.string(),
  madeAt: isoTime,
  /** Of the Inglenook that made it, and the computer it was made on. */
  version: z.string(),
  computer: z.string(),
  preparedAt: isoTime,
  /** The folder that will hold what is here now. */
  keepIn: z.string(),
});

/** `GET /api/restore` */
export const restoreState = z.object({
  prepared: preparedRestore.nullable(),
  /** Data from before earlier restores, in the data folder; the owner may delete them. */
  keptFolders: z.array(z.string()),
});
export type RestoreState = z.infer<typeof restoreState>;
