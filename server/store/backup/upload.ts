import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { appendFile, mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Timers } from '../../core/clock.ts';
import { AppError, invalidRequest } from '../../core/errors.ts';
import { mostUploadBytes } from '../../wire/backup.ts';
import { ageFirstLine } from './backup-file.ts';

/**
 * A backup that comes from a browser, piece by piece, into a file of the data folder whose place nobody but this server
 * chooses. One at a time: a newer one takes the place of the one before. What is not used goes away by itself.
 */
export type RestoreUploads = {
  /** @returns the name that its pieces and the restore go by. @throws AppError 400 (larger than is taken, no room) */
  readonly begin: (bytes: number) => Promise<string>;
  /** Adds what comes next. @returns how much there is. @throws AppError 404, 409 (out of turn), 400 (no backup) */
  readonly add: (upload: string, offset: number, piece: Buffer) => Promise<number>;
  /** Where it lies. @throws AppError 404 for one that is not there, or not whole */
  readonly fileOf: (upload: string) => string;
  /** It has been used, or a former server left it. */
  readonly discard: () => void;
};

/** Nobody waits longer between two pieces, or for a passphrase. */
const keptMs = 15 * 60_000;
/** Opening it takes as much again, and the rest of the computer needs room too. */
const leaveFreeBytes = 512 * 1024 * 1024;

type Upload = { readonly id: string; readonly bytes: number; receivedBytes: number; isBusy: boolean };

export function createRestoreUploads(dataDir: string, timers: Timers): RestoreUploads {
  const folder = join(dataDir, 'restore.upload');
  const path = join(folder, 'uploaded-backup.age');
  let current: Upload | null = null;
  let doNotForget = (): void => undefined;

  function discard(): void {
    doNotForget();
    current = null;
    rmSync(folder, { recursive: true, force: true });
  }
  function keepAWhile(): void {
    doNotForget();
    doNotForget = timers.after(keptMs, discard);
  }
  function find(upload: string): Upload {
    if (current !== null && current.id === upload) return current;
    throw gone();
  }

  async function append(upload: Upload, piece: Buffer): Promise<void> {
    const isFirst = upload.receivedBytes === 0;
    if (isFirst && !piece.subarray(0, ageFirstLine.length).equals(Buffer.from(ageFirstLine))) {
      discard();
      throw notABackup();
    }
    try {
      await appendFile(path, piece, { mode: 0o600, flag: isFirst ? 'wx' : 'a' });
    } catch (error) {
      if (current === upload) discard();
      throw notWritten(error);
    }
    upload.receivedBytes += piece.length;
  }

  return {
    async begin(bytes) {
      if (bytes > mostUploadBytes) throw tooLarge();
      const { bavail, bsize } = await statfs(dataDir);
      if (bavail * bsize - 2 * bytes < leaveFreeBytes) throw noRoom(bytes, bavail * bsize);
      discard();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rm(path, { force: true });
      current = { id: randomBytes(16).toString('hex'), bytes, receivedBytes: 0, isBusy: false };
      keepAWhile();
      return current.id;
    },
    async add(id, offset, piece) {
      const upload = find(id);
      if (upload.isBusy || offset !== upload.receivedBytes) throw outOfTurn(upload.receivedBytes);
      if (piece.length === 0 || offset + piece.length > upload.bytes) {
        throw invalidRequest('The piece is empty, or goes beyond the size that was told.', 'offset');
      }
      upload.isBusy = true;
      try {
        await append(upload, piece);
      } finally {
        upload.isBusy = false;
      }
      if (current === upload) keepAWhile();
      return upload.receivedBytes;
    },
    fileOf(id) {
      const { bytes, receivedBytes } = find(id);
      if (receivedBytes !== bytes) throw gone();
      return path;
    },
    discard,
  };
}

function gone(): AppError {
  return new AppError(
    'The uploaded file is not here any more, or not whole. Choose it again; nothing was changed.',
    {
      status: 404,
      code: 'upload_not_found',
      param: 'upload',
    },
  );
}

function outOfTurn(receivedBytes: number): AppError {
  return new AppError(`The next piece begins at ${receivedBytes}.`, {
    status: 409,
    code: 'upload_out_of_turn',
    param: 'offset',
  });
}

function notABackup(): AppError {
  return new AppError('The file is no backup of Inglenook: it does not begin as one. Nothing was changed.', {
    status: 400,
    code: 'not_a_backup',
    param: 'file',
  });
}

function tooLarge(): AppError {
  return new AppError(
    'The file is larger than a browser may send here. Put it on this computer and give its path.',
    { status: 400, code: 'backup_too_large', param: 'file' },
  );
}

function noRoom(bytes: number, freeBytes: number): AppError {
  return new AppError(
    `There is not enough room on the disk: the backup has ${gigabytes(bytes)}, opening it takes as much again, and ${gigabytes(freeBytes)} are free. Nothing was changed.`,
    { status: 400, code: 'disk_full', param: 'file' },
  );
}

function notWritten(cause: unknown): AppError {
  return new AppError(
    'The file could not be kept in the data folder. Is the disk full? Nothing else was changed.',
    {
      status: 400,
      code: 'backup_not_written',
      param: 'file',
      cause,
    },
  );
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
