import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  backupScheduleRequest,
  backupState,
  beginUpload,
  begunUpload,
  createBackupRequest,
  createdBackup,
  downloadBackupRequest,
  restoreRequest,
  restoreState,
  type DownloadBackupRequest,
  type UploadQuery,
  uploadPieceBytes,
  uploadQuery,
  uploadState,
} from '../wire/backup.ts';
import { readPiece } from './admin-body.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Backups and restoring. Paths are those of the server's computer. */
export const backupRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/backups',
    summary: 'The schedule, how the last scheduled backup went, and which files there are.',
    answer: backupState,
    handle: ({ context }) => context.backups.state(),
  }),
  route({
    method: 'post',
    path: '/backups',
    summary:
      'Write one encrypted file with settings, keys, devices, names, the log and the server’s secret. Answers when it is complete and was read back; model files and kept prompts are not part of it.',
    needsRecentPassword: true,
    status: 201,
    body: createBackupRequest,
    answer: createdBackup,
    handle: ({ context, body }) => context.backups.create(body),
  }),
  route({
    method: 'post',
    path: '/backups/download',
    summary: 'The same file as the answer, for the browser to keep; nothing of it stays on the server.',
    // It holds what outlasts a token: the authority's key, the server's secret.
    isForNamedTokens: false,
    needsRecentPassword: true,
    body: downloadBackupRequest,
    handle: download,
  }),
  route({
    method: 'put',
    path: '/backups/schedule',
    summary: 'Back up every day at an hour into a folder; what is left out stays.',
    needsRecentPassword: true,
    body: backupScheduleRequest,
    answer: backupState,
    handle: ({ context, body }) => context.backups.setSchedule(body),
  }),
  route({
    method: 'post',
    path: '/backups/run',
    summary: 'Make the scheduled backup now.',
    status: 201,
    answer: createdBackup,
    handle: ({ context }) => context.backups.runNow(),
  }),
  route({
    method: 'get',
    path: '/restore',
    summary: 'Whether a backup stands ready to be put in place at the next start.',
    answer: restoreState,
    handle: ({ context }) => context.backups.restoreState(),
  }),
  route({
    method: 'post',
    path: '/restore',
    summary:
      'Open and check a backup, so that it stands ready. The server goes on as it is; the next start puts the backup in place and keeps what is here now in a dated folder.',
    // Whose password holds afterwards is for the backup to say.
    isForNamedTokens: false,
    needsRecentPassword: true,
    body: restoreRequest,
    answer: restoreState,
    handle: ({ context, body }) => context.backups.prepareRestore(body),
  }),
  route({
    method: 'post',
    path: '/restore/uploads',
    summary:
      'Begin to send a backup from elsewhere. Its pieces follow by PUT; then POST /restore opens it by the name that this answers with.',
    isForNamedTokens: false,
    needsRecentPassword: true,
    status: 201,
    body: beginUpload,
    answer: begunUpload,
    handle: async ({ context, body }) => ({ upload: await context.backups.uploads.begin(body.bytes) }),
  }),
  route({
    method: 'put',
    path: '/restore/uploads/:upload',
    summary: 'The next piece of a backup that is being sent, of at most 4 MiB.',
    isForNamedTokens: false,
    takesBytes: true,
    query: uploadQuery,
    answer: uploadState,
    handle: addPiece,
  }),
  route({
    method: 'delete',
    path: '/restore',
    summary: 'Give up a restore that stands ready.',
    answer: restoreState,
    handle: ({ context }) => context.backups.cancelRestore(),
  }),
];

/** Whoever may send them was let in before. */
export async function addPiece({ context, query, param, request }: AdminCall<unknown, UploadQuery>) {
  const piece = await readPiece(request, uploadPieceBytes);
  return { receivedBytes: await context.backups.uploads.add(param('upload'), query.offset, piece) };
}

/** Begins to answer when the file is complete and was read back, so that half a file is never taken for a whole one. */
async function download({ context, body, response }: AdminCall<DownloadBackupRequest>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'inglenook-download-'));
  try {
    const { file, bytes, madeAt } = await context.backups.create({
      file: join(folder, 'inglenook.age'),
      passphrase: body.passphrase,
    });
    response.attachment(`inglenook-backup-${madeAt.slice(0, 10)}.age`);
    response.type('application/octet-stream').setHeader('Content-Length', bytes);
    await pipeline(createReadStream(file), response);
  } catch (error) {
    if (!response.headersSent) throw error;
    context.log.warn('The download of a backup was broken off.', { error });
    response.destroy();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
