import { access, constants, stat } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { AppError, invalidRequest } from '../core/errors.ts';
import { addModelFolder, listModelFolders, removeModelFolder } from '../store/model-files.ts';
import { addFolderRequest, modelFolder, modelFolderList, type WireModelFolder } from '../wire/admin.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Folders the owner has added: every GGUF file in them is used in place. */
export const modelFolderRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/model-folders',
    summary: 'The folders that were added, each with the ids of its models.',
    answer: modelFolderList,
    handle: ({ context }) => listModelFolders(context.store).map(({ path }) => describe(context, path)),
  }),
  route({
    method: 'post',
    path: '/model-folders',
    summary: 'Add a folder; its GGUF files are used in place, also those that come later. Four levels deep.',
    status: 201,
    body: addFolderRequest,
    answer: modelFolder,
    handle: addFolder,
  }),
  route({
    method: 'delete',
    path: '/model-folders/:path',
    summary: 'Forget a folder that was added. What lies in it stays.',
    status: 204,
    handle: removeFolder,
  }),
];

async function addFolder({ context, body }: AdminCall<{ path: string }>): Promise<WireModelFolder> {
  const path = await requireReadableFolder(body.path);
  addModelFolder(context.store, path, context.clock.nowMs());
  await context.rescanModels();
  context.live.publish({ type: 'models', models: [...context.engine.models()] });
  return describe(context, path);
}

async function removeFolder({ context, param }: AdminCall): Promise<void> {
  if (!removeModelFolder(context.store, param('path'))) {
    throw new AppError('No folder of this path was added.', {
      status: 404,
      code: 'folder_not_found',
      param: 'path',
    });
  }
  await context.rescanModels();
  context.live.publish({ type: 'models', models: [...context.engine.models()] });
}

function describe(context: AdminContext, path: string): WireModelFolder {
  const models = context.engine.models().filter((model) => model.path.startsWith(path + sep));
  return { path, models: models.map(({ id }) => id) };
}

async function requireReadableFolder(path: string): Promise<string> {
  if (path.includes('\0') || !isAbsolute(path)) {
    throw invalidRequest('Give the whole path of the folder, from the root of the disk on.', 'path');
  }
  const whole = resolve(path);
  const status = await stat(whole).catch(() => null);
  if (status === null) throw invalidRequest('There is no folder with this path on this computer.', 'path');
  if (!status.isDirectory()) throw invalidRequest('This is not a folder.', 'path');
  if (resolve(whole, '..') === whole)
    throw invalidRequest('A whole disk is too much to look through.', 'path');
  await access(whole, constants.R_OK).catch(() => {
    throw invalidRequest('Inglenook may not read this folder. Change its permissions and try again.', 'path');
  });
  return whole;
}
