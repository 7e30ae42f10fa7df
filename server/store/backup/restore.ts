import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { backupContents } from '../../wire/backup.ts';
import { runBackupTask } from './backup-task.ts';
import { ownFileNames } from './own-files.ts';

/**
 * Restoring, in two steps. *Prepare* opens a backup into the side folder `restore`, checks it and brings it to this
 * version, while the server goes on; the file `ready.json`, written last, says that it is complete. *Finish* puts it in
 * place when no server runs on the folder: at the server's next start. What was there is kept in a dated folder. Each
 * step of finishing can be repeated, so one that is cut off goes on at the start after that.
 */

const databaseName = 'inglenook.db';
/** In this order: what belongs to the old database must never lie beside the new one. */
const replacedFiles = [
  ...ownFileNames,
  `${databaseName}-wal`,
  `${databaseName}-shm`,
  databaseName,
  'server.key',
];
/** And in this one they are put in place. */
const newFiles = [databaseName, 'server.key', ...ownFileNames];

const readySchema = z.object({
  /** The backup's own name, without its folder. */
  file: z.string(),
  madeAt: z.iso.datetime(),
  version: z.string(),
  computer: z.string(),
  preparedAt: z.iso.datetime(),
  /** Where what is here now will be kept, below the data folder. */
  keepIn: z.string().regex(/^before-restore-[\w-]+$/),
  /** Null where an earlier version has prepared it. */
  contents: backupContents.nullable().default(null),
});
export type PreparedRestore = z.infer<typeof readySchema>;

export type RestoreWish = {
  readonly file: string;
  readonly passphrase: string;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
};

/**
 * Makes a backup stand ready for the next start. One that stood ready before gives way only when this one does.
 * @throws AppError 400 (see `decryptFile`, `openCopy`), and nothing has changed
 */
export async function prepareRestore(dataDir: string, wish: RestoreWish): Promise<PreparedRestore> {
  const working = join(dataDir, 'restore.new');
  rmSync(working, { recursive: true, force: true });
  mkdirSync(working, { recursive: true, mode: 0o700 });
  try {
    const copyPath = join(working, databaseName);
    const { manifest, contents } = await runBackupTask(
      { type: 'open', file: wish.file, copyPath, passphrase: wish.passphrase },
      wish.signal,
    );
    writeFlushed(join(working, 'server.key'), `${manifest.serverSecret}\n`);
    for (const [name, text] of Object.entries(manifest.files)) writeFlushed(join(working, name), text);
    const preparedAt = new Date(wish.nowMs).toISOString();
    const ready: PreparedRestore = {
      file: basename(wish.file),
      madeAt: manifest.madeAt,
      version: manifest.version,
      computer: manifest.computer,
      preparedAt,
      contents,
      keepIn: `before-restore-${preparedAt.replaceAll(/[:.]/g, '-')}`,
    };
    writeFlushed(join(working, 'ready.json'), `${JSON.stringify(ready, null, 2)}\n`);
    rmSync(sideFolder(dataDir), { recursive: true, force: true });
    renameSync(working, sideFolder(dataDir));
    return ready;
  } catch (error) {
    rmSync(working, { recursive: true, force: true });
    throw error;
  }
}

/** What stands ready; null for nothing. */
export function preparedRestore(dataDir: string): PreparedRestore | null {
  try {
    const text = readFileSync(join(sideFolder(dataDir), 'ready.json'), 'utf8');
    return readySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Throws away what stands ready. False when there was nothing. */
export function cancelRestore(dataDir: string): boolean {
  const isThere = preparedRestore(dataDir) !== null;
  rmSync(sideFolder(dataDir), { recursive: true, force: true });
  return isThere;
}

/**
 * Puts what stands ready in place. To be called by whoever has claimed the data folder, before the database is opened.
 * @returns what was restored; null for nothing
 * @throws AppError 500 where files cannot be moved; the next call goes on
 */
export function finishRestore(dataDir: string): PreparedRestore | null {
  const ready = preparedRestore(dataDir);
  if (ready === null) return null;
  const side = sideFolder(dataDir);
  const old = join(dataDir, ready.keepIn);
  try {
    mkdirSync(old, { recursive: true, mode: 0o700 });
    for (const name of replacedFiles) {
      // Once the new one has left the side folder, what bears the name here is the new one.
      const isStillOld = existsSync(join(side, name === 'server.key' ? name : databaseName));
      if (isStillOld && existsSync(join(dataDir, name))) renameSync(join(dataDir, name), join(old, name));
    }
    for (const name of newFiles) {
      if (existsSync(join(side, name))) renameSync(join(side, name), join(dataDir, name));
    }
    rmSync(side, { recursive: true, force: true });
    if (readdirSync(old).length === 0) rmdirSync(old);
    return ready;
  } catch (error) {
    throw new AppError(
      `The backup ${ready.file} could not be put in place (${error instanceof Error ? error.message : String(error)}). Both it and what was here before are kept in ${dataDir}; make sure that the folder may be written, then start again.`,
      { status: 500, code: 'restore_failed', cause: error },
    );
  }
}

function sideFolder(dataDir: string): string {
  return join(dataDir, 'restore');
}

function writeFlushed(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
