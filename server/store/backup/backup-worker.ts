import { parentPort, workerData } from 'node:worker_threads';
import { AppError, toAppError } from '../../core/errors.ts';
import { encryptFile, decryptFile } from './backup-file.ts';
import { makeCopy, openCopy, removeCopy } from './backup-copy.ts';
import type { BackupTask, BackupTaskResult } from './backup-task.ts';

/** The thread that does the heavy part of a backup: copying, checking and encrypting gigabytes beside the server. */

const task = workerData as BackupTask;
let result: BackupTaskResult;
try {
  result = await run();
} catch (error) {
  const { message, status, code, param } = toAppError(error);
  const detail = error instanceof AppError ? null : error instanceof Error ? error.message : String(error);
  result = { type: 'failed', message, status, code, param, detail };
}
parentPort?.postMessage(result);

async function run(): Promise<BackupTaskResult> {
  if (task.type === 'create') {
    try {
      makeCopy(task.databasePath, task.copyPath, task.manifest);
      const { bytes } = await encryptFile(task.copyPath, task.file, task);
      return { type: 'created', bytes };
    } finally {
      removeCopy(task.copyPath);
    }
  }
  try {
    await decryptFile(task.file, task.copyPath, task.passphrase);
    return { type: 'opened', ...openCopy(task.copyPath) };
  } catch (error) {
    removeCopy(task.copyPath);
    throw error;
  }
}
