import { AppError } from '../core/errors.ts';
import { ownerPasswordHash } from '../store/owner.ts';
import {
  beginUploadAtSetUp,
  begunUpload,
  restoreAtSetUp,
  restoringAnswer,
  setupTokenHeader,
  type BeginUploadAtSetUp,
  type RestoreAtSetUp,
  type UploadQuery,
  uploadQuery,
  uploadState,
} from '../wire/backup.ts';
import { addPiece } from './admin-backup.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { sameSecret } from './secrets.ts';

/** What can be done with the one-time link before there is a password. */
export const setUpRoutes: readonly AdminRoute[] = [
  route({
    method: 'post',
    path: '/setup/restore',
    summary:
      'In place of a first password: open and check a backup with the token of the one-time link, and start again with it. Afterwards the password of the backup holds.',
    access: 'public',
    body: restoreAtSetUp,
    answer: restoringAnswer,
    handle: restore,
  }),
  route({
    method: 'post',
    path: '/setup/restore/uploads',
    summary: 'Begin to send a backup from this browser, with the token of the one-time link.',
    access: 'public',
    status: 201,
    body: beginUploadAtSetUp,
    answer: begunUpload,
    handle: async ({ context, body: { token, bytes } }: AdminCall<BeginUploadAtSetUp>) => {
      requireSetUpToken(context, token);
      return { upload: await context.backups.uploads.begin(bytes) };
    },
  }),
  route({
    method: 'put',
    path: '/setup/restore/uploads/:upload',
    summary:
      'The next piece of it, of at most 4 MiB; the token comes in the header X-Inglenook-Setup-Token, so that nothing is read for others.',
    access: 'public',
    takesBytes: true,
    query: uploadQuery,
    answer: uploadState,
    handle: async (call: AdminCall<null, UploadQuery>) => {
      const shown = call.request.headers[setupTokenHeader];
      requireSetUpToken(call.context, typeof shown === 'string' ? shown : '');
      return await addPiece(call);
    },
  }),
];

/** Nothing of this computer's files is told to who does not show the link. */
async function restore({ context, body, ip, response }: AdminCall<RestoreAtSetUp>) {
  const { token, ...source } = body;
  requireSetUpToken(context, token);
  const { prepared } = await context.backups.prepareRestore(source);
  if (prepared === null) throw new Error('A backup was prepared and is not there.');
  // Opening it takes a while; who has set a password meanwhile owns what is here.
  if (ownerPasswordHash(context.store) !== null) {
    context.backups.cancelRestore();
    throw usedLink();
  }
  context.log.info('A backup is restored in place of a first set-up.', { ip, file: prepared.file });
  const { restart } = context;
  if (restart !== null) response.once('finish', restart);
  return { prepared, restarts: restart !== null };
}

/** @throws AppError 410 once there is a password, 401 for what is not the token of this start */
export function requireSetUpToken({ store, setup }: AdminContext, token: string): void {
  if (ownerPasswordHash(store) !== null) throw usedLink();
  if (setup !== null && sameSecret(token, setup.token)) return;
  throw new AppError(
    'This set-up link is not valid. Each start of the server prints a new one; open the newest.',
    { status: 401, code: 'setup_link_invalid', param: 'token' },
  );
}

export function usedLink(): AppError {
  return new AppError('This set-up link has been used: the password is set. Sign in with it.', {
    status: 410,
    code: 'setup_link_used',
  });
}
