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
const restoreFields = z.strictObject({
  /** A whole path on the server's computer … */
  file: path.optional(),
  /** … or the name of what was uploaded. */
  upload: z.string().min(1).max(64).optional(),
  passphrase: z.string().min(1).max(1024),
});
const oneSource = (wanted: { file?: string | undefined; upload?: string | undefined }): boolean =>
  (wanted.file === undefined) !== (wanted.upload === undefined);
const sourceFault = { message: 'Give either the path of a backup or what was uploaded.', path: ['file'] };
export const restoreRequest = restoreFields.refine(oneSource, sourceFault);
export type RestoreRequest = z.infer<typeof restoreRequest>;

/** Larger ones are put on the server's computer by other ways. */
export const mostUploadBytes = 64 * 1024 ** 3;
/** A backup comes in pieces of at most so much: each is a request of its own, which no time limit cuts off. */
export const uploadPieceBytes = 4 * 1024 * 1024;

const uploadBytes = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
/** `POST /api/restore/uploads`: how large the file is. */
export const beginUpload = z.strictObject({ bytes: uploadBytes });
/** `POST /api/setup/restore/uploads` */
export const beginUploadAtSetUp = z.strictObject({ bytes: uploadBytes, token: z.string().max(200) });
export type BeginUploadAtSetUp = z.infer<typeof beginUploadAtSetUp>;
export const begunUpload = z.object({ upload: z.string() });
/** `PUT …/uploads/ID?offset=N`, the bytes as the body: pieces come in their order. */
export const uploadQuery = z.strictObject({ offset: z.coerce.number().int().min(0) });
export type UploadQuery = z.infer<typeof uploadQuery>;
export const uploadState = z.object({ receivedBytes: z.number().int() });
/** With which the pieces at the set-up come, as the one-time link has it. */
export const setupTokenHeader = 'x-inglenook-setup-token';

/** What the owner recognises a backup by. */
export const backupContents = z.object({
  /** That are not revoked. */
  keys: z.number().int(),
  people: z.number().int(),
  names: z.number().int(),
  requests: z.number().int(),
  logBeginsAt: isoTime.nullable(),
  hasPassword: z.boolean(),
});
export type BackupContents = z.infer<typeof backupContents>;

const preparedRestore = z.object({
  file: z.string(),
  madeAt: isoTime,
  /** Of the Inglenook that made it, and the computer it was made on. */
  version: z.string(),
  computer: z.string(),
  preparedAt: isoTime,
  /** The folder that will hold what is here now. */
  keepIn: z.string(),
  /** Null where it is not known. */
  contents: backupContents.nullable(),
});

/** `GET /api/restore` */
export const restoreState = z.object({
  prepared: preparedRestore.nullable(),
  /** Data from before earlier restores, in the data folder; the owner may delete them. */
  keptFolders: z.array(z.string()),
});
export type RestoreState = z.infer<typeof restoreState>;

/** `POST /api/setup/restore`: the token is the fragment of the one-time link. */
export const restoreAtSetUp = restoreFields
  .extend({ token: z.string().max(200) })
  .refine(oneSource, sourceFault);
export type RestoreAtSetUp = z.infer<typeof restoreAtSetUp>;

export const restoringAnswer = z.object({
  prepared: preparedRestore,
  /** Whether the server starts again by itself now; if not, somebody has to do it. */
  restarts: z.boolean(),
});
export type RestoringAnswer = z.infer<typeof restoringAnswer>;
