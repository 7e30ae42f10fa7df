import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { AppError, invalidRequest } from '../core/errors.ts';
import type { ModelDescription } from '../core/model.ts';
import { addModelFile, removeModelFile } from '../store/model-files.ts';
import { addModelRequest, modelDescription, modelList } from '../wire/admin.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** The models on this computer. `:model` is an id as the list gives it, or the file's path. */
export const modelRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/models',
    summary: 'All models, loaded or not.',
    answer: modelList,
    handle: ({ context }) => context.engine.models(),
  }),
  route({
    method: 'post',
    path: '/models',
    summary: 'Add a GGUF file on this computer; it is used in place. Adding it again changes nothing.',
    status: 201,
    body: addModelRequest,
    answer: modelDescription,
    handle: addModel,
  }),
  route({
    method: 'post',
    path: '/models/:model/load',
    summary: 'Load a model into memory. Answers when it is ready; progress is in the events.',
    answer: modelDescription,
    handle: loadModel,
  }),
  route({
    method: 'post',
    path: '/models/:model/unload',
    summary: 'Free a model’s memory. Running requests are finished first.',
    answer: modelDescription,
    handle: unloadModel,
  }),
  route({
    method: 'delete',
    path: '/models/:model',
    summary: 'Forget a file that was added. The file itself stays where it is.',
    status: 204,
    handle: removeModel,
  }),
];

async function addModel({ context, body }: AdminCall<{ path: string }>): Promise<ModelDescription> {
  const path = await requireReadableFile(body.path);
  const known = await findByPath(context, path);
  if (known !== null) return known;
  addModelFile(context.store, path, context.clock.nowMs());
  await context.rescanModels();
  const added = await findByPath(context, path);
  if (added === null) {
    removeModelFile(context.store, path);
    throw new AppError('The file could not be added; the server’s log says why.', {
      status: 500,
      code: 'model_not_added',
    });
  }
  announce(context);
  return added;
}

async function loadModel({ context, param }: AdminCall): Promise<ModelDescription> {
  const model = requireModel(context, param('model'));
  // Not tied to the asking page: the owner wants it loaded, whether or not the page stays open.
  await context.engine.ensureReady(model.id, new AbortController().signal);
  return requireModel(context, model.id);
}

async function unloadModel({ context, param }: AdminCall): Promise<ModelDescription> {
  const model = requireModel(context, param('model'));
  await context.engine.unload(model.id);
  return requireModel(context, model.id);
}

async function removeModel({ context, param }: AdminCall): Promise<void> {
  const model = requireModel(context, param('model'));
  if (model.source !== 'added') throw cannotBeRemoved(model);
  await context.engine.unload(model.id);
  removeModelFile(context.store, model.path);
  await context.rescanModels();
  announce(context);
}

function cannotBeRemoved(model: ModelDescription): AppError {
  const reason =
    model.source === 'starter'
      ? 'is the starter model that comes with Inglenook, so it stays in the list. Unload it if you need its memory.'
      : `lies in the models folder, where every model file is listed. To remove it, move the file ${model.path} elsewhere.`;
  return new AppError(`${model.id} ${reason}`, { status: 409, code: 'model_not_removable', param: 'model' });
}

function requireModel(context: AdminContext, name: string): ModelDescription {
  const models = context.engine.models();
  const model = models.find(({ id }) => id === name) ?? models.find(({ path }) => path === name);
  if (model !== undefined) return model;
  throw new AppError(`There is no model named “${name.slice(0, 200)}” on this computer.`, {
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
}

/** Whether it is a usable model is the engine's to say: then it is listed as failed, with the reason. */
async function requireReadableFile(path: string): Promise<string> {
  if (path.includes('\0') || !isAbsolute(path)) {
    throw invalidRequest('Give the whole path of the file, from the root of the disk on.', 'path');
  }
  const whole = resolve(path);
  const status = await stat(whole).catch(() => null);
  if (status === null) throw invalidRequest('There is no file with this path on this computer.', 'path');
  if (!status.isFile()) throw invalidRequest('This is not a file. Give the path of one .gguf file.', 'path');
  if (!whole.toLowerCase().endsWith('.gguf')) {
    throw invalidRequest('The name must end in .gguf: that is the format the built-in engine reads.', 'path');
  }
  await access(whole, constants.R_OK).catch(() => {
    throw invalidRequest('Inglenook may not read this file. Change its permissions and try again.', 'path');
  });
  return whole;
}

async function findByPath(context: AdminContext, path: string): Promise<ModelDescription | null> {
  const models = context.engine.models();
  const direct = models.find((model) => model.path === path);
  if (direct !== undefined) return direct;
  const real = await realpath(path).catch(() => path);
  return models.find((model) => model.path === real) ?? null;
}

function announce(context: AdminContext): void {
  context.live.publish({ type: 'models', models: [...context.engine.models()] });
}
