import { realpath } from 'node:fs/promises';
import { AppError } from '../core/errors.ts';
import type { ModelDescription } from '../core/model.ts';
import { addModelFile, removeModelFile } from '../store/model-files.ts';
import { targetsOf } from '../store/alias-loops.ts';
import { listAliases } from '../store/aliases.ts';
import {
  addModelRequest,
  loadModelQuery,
  type LoadModelQuery,
  modelDescription,
  modelList,
  removedModel,
  removeModelQuery,
  updateModelRequest,
  type UpdateModelRequest,
  type RemovedModel,
} from '../wire/admin.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { requireReadableFile } from './model-file.ts';

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
    method: 'patch',
    path: '/models/:model',
    summary:
      'Change a model’s settings: pinned, preload, minutes of keep-alive, people at once and longest conversation. The last two load an idle model anew and are refused while it answers.',
    body: updateModelRequest,
    answer: modelDescription,
    handle: updateModel,
  }),
  route({
    method: 'post',
    path: '/models/:model/load',
    summary:
      'Load a model into memory. Answers when it is ready; progress is in the events. With anyway=true also where its memory may not be enough: the system may then grow very slow, or end programs, those that answer others among them.',
    query: loadModelQuery,
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
    summary:
      'Forget a file that was added; the file itself stays where it is. A model that was pulled goes with its file, and only with deleteFile=true. Tells which aliases lead nowhere now.',
    query: removeModelQuery,
    answer: removedModel,
    handle: removeModel,
  }),
];

async function addModel({
  context,
  body,
}: AdminCall<{ path: string; name?: string | undefined }>): Promise<ModelDescription> {
  const path = await requireReadableFile(body.path);
  const known = await findByPath(context, path);
  if (known !== null) return known;
  addModelFile(context.store, path, context.clock.nowMs(), body.name ?? (await nameElsewhere(context, path)));
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

function updateModel({ context, param, body }: AdminCall<UpdateModelRequest>): ModelDescription {
  const { id } = requireModel(context, param('model'));
  const change = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  context.configureModel(id, change);
  return requireModel(context, id);
}

async function loadModel({
  context,
  param,
  query,
}: AdminCall<null, LoadModelQuery>): Promise<ModelDescription> {
  const model = requireModel(context, param('model'));
  // Not tied to the asking page: the owner wants it loaded, whether or not the page stays open.
  if (query.anyway === 'true') await context.loadAnyway(model.id);
  else await context.engine.ensureReady(model.id, new AbortController().signal);
  return requireModel(context, model.id);
}

async function unloadModel({ context, param }: AdminCall): Promise<ModelDescription> {
  const model = requireModel(context, param('model'));
  await context.engine.unload(model.id);
  return requireModel(context, model.id);
}

async function removeModel({
  context,
  param,
  query,
}: AdminCall<null, { deleteFile?: 'true' | 'false' | undefined }>): Promise<RemovedModel> {
  const model = requireModel(context, param('model'));
  const isPulled = model.source !== 'added' && context.supply.isPulled(model.path);
  if (model.source !== 'added' && !(isPulled && query.deleteFile === 'true')) {
    throw cannotBeRemoved(model, isPulled);
  }
  await context.engine.unload(model.id);
  const freedBytes = isPulled ? await context.supply.deletePulled(model.path) : 0;
  if (isPulled) context.supply.downloads.forgetFile(model.path);
  else removeModelFile(context.store, model.path);
  await context.rescanModels();
  context.log.info('A model was removed.', { model: model.id, freedBytes });
  announce(context);
  return { removed: model.id, freedBytes, brokenAliases: aliasesOf(context, model.id) };
}

/** Names whose own choice it was; they say so until they are pointed elsewhere. */
function aliasesOf(context: AdminContext, modelId: string): string[] {
  if (context.engine.models().some(({ id }) => id === modelId)) return [];
  return listAliases(context.store)
    .filter((alias) => targetsOf(alias).includes(modelId))
    .map(({ name }) => name);
}

function cannotBeRemoved(model: ModelDescription, isPulled: boolean): AppError {
  if (model.source === 'upstream' || model.source === 'ollama') {
    return new AppError(
      `${model.id} is a model of ${model.engine}, which decides what it has. Remove it there, or stop using ${model.engine}.`,
      { status: 409, code: 'model_not_removable', param: 'model' },
    );
  }
  const reason =
    model.source === 'starter'
      ? 'is the starter model that comes with Inglenook, so it stays in the list. Unload it if you need its memory.'
      : isPulled
        ? 'lies in Inglenook’s own folder for models, so removing it means deleting its file. Ask for that as well: --delete-file, or ?deleteFile=true.'
        : `lies in a models folder, where every model file is listed. To remove it, move the file ${model.path} elsewhere, or remove the folder if you have added it.`;
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

/** What another program calls a file whose own name says nothing. */
async function nameElsewhere(context: AdminContext, path: string): Promise<string | null> {
  if (path.toLowerCase().endsWith('.gguf')) return null;
  const found = await context.supply.found();
  return found.find((model) => model.path === path)?.name ?? null;
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
