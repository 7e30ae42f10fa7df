import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import type { BackupContents } from '../../wire/backup.ts';
import type { Manifest, ManifestWish } from './backup-copy.ts';
import type { Encryption } from './backup-file.ts';

/** Making a backup file, or opening one into a database that stands ready. */
export type BackupTask =
  | ({
      readonly type: 'create';
      readonly databasePath: string;
      /** Where the unencrypted copy lies meanwhile; must not exist. */
      readonly copyPath: string;
      readonly file: string;
      readonly manifest: ManifestWish;
    } & Encryption)
  | {
      readonly type: 'open';
      readonly file: string;
      readonly copyPath: string;
      readonly passphrase: string;
    };

export type BackupTaskResult =
  | { readonly type: 'created'; readonly bytes: number }
  | { readonly type: 'opened'; readonly manifest: Manifest; readonly contents: BackupContents }
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly status: number;
      readonly code: string;
      readonly param: string | null;
      /** For the server's log, where the message tells nothing. */
      readonly detail: string | null;
    };

type Succeeded<Type extends BackupTask['type']> = Extract<
  BackupTaskResult,
  { readonly type: Type extends 'create' ? 'created' : 'opened' }
>;

/**
 * Runs a task in a thread of its own; the signal ends it at once and leaves its copy behind.
 * @throws AppError as the task's parts say
 */
export async function runBackupTask<Task extends BackupTask>(
  task: Task,
  signal?: AbortSignal,
): Promise<Succeeded<Task['type']>> {
  // The extension of this very file: .ts in development, .js when built.
  const entry = new URL(`./backup-worker${extname(import.meta.url)}`, import.meta.url);
  const thread = new Worker(entry, { workerData: task, execArgv: [], env: {} });
  const end = (): void => void thread.terminate();
  signal?.addEventListener('abort', end);
  try {
    const result = await new Promise<BackupTaskResult>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(ended()));
    });
    if (result.type === 'failed') throw failureOf(result);
    return result as Succeeded<Task['type']>;
  } finally {
    signal?.removeEventListener('abort', end);
    await thread.terminate();
  }
}

function failureOf({
  message,
  status,
  code,
  param,
  detail,
}: Extract<BackupTaskResult, { readonly type: 'failed' }>): AppError {
  return new AppError(message, {
    status,
    code,
    ...(param === null ? {} : { param }),
    ...(detail === null ? {} : { cause: new Error(detail) }),
  });
}

function ended(): AppError {
  return new AppError('The server is being stopped, so this was given up. Nothing was changed.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 60,
  });
}
