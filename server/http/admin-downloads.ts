import type { Response } from 'express';
import type { CatalogueModel, Download, FitPlan, Machine, RemoteModel } from '../core/download.ts';
import { readingSpeed } from '../core/reading-speed.ts';
import {
  addDownloadRequest,
  cancelDownloadQuery,
  catalogue,
  download,
  downloadList,
  foundModelList,
  inspectedModel,
  hubSearch,
  inspectQuery,
  locatedFile,
  locateQuery,
  lookQuery,
  moveDownloadRequest,
  searchQuery,
  type InspectedModel,
  type InspectQuery,
  type LookQuery,
  type WireCatalogue,
  type WireFoundModel,
} from '../wire/downloads.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { requireReadableFile } from './model-file.ts';

/** Getting models. `:id` is a download's id. */
export const downloadRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/downloads',
    summary: 'All downloads, in the order of their turns.',
    answer: downloadList,
    handle: ({ context }) => context.supply.downloads.list(),
  }),
  route({
    method: 'post',
    path: '/downloads',
    summary:
      'Fetch a model: hf:USER/REPO:QUANT, hf:USER/REPO/FILE.gguf#BRANCH, or an http(s) address. Answers at once; asked again, it is the same download, which then goes on.',
    status: 201,
    body: addDownloadRequest,
    answer: download,
    handle: ({ context, body }) => {
      const added = context.supply.downloads.add(body.uri);
      // By its own words for it, which are the list's.
      if (body.forOffice === true) context.successor.wish(added.uri);
      return added;
    },
  }),
  route({
    method: 'post',
    path: '/downloads/:id/pause',
    summary: 'Stop for now. What is here stays.',
    answer: download,
    handle: ({ context, param }) => context.supply.downloads.pause(param('id')),
  }),
  route({
    method: 'post',
    path: '/downloads/:id/resume',
    summary: 'Go on with one that is paused, cancelled or has failed; try a stalled one at once.',
    answer: download,
    handle: ({ context, param }): Download => context.supply.downloads.resume(param('id')),
  }),
  route({
    method: 'post',
    path: '/downloads/:id/cancel',
    summary: 'Give up. The part that is here is deleted unless keep=true.',
    query: cancelDownloadQuery,
    answer: download,
    handle: ({ context, param, query }) =>
      context.supply.downloads.cancel(param('id'), query.keep === 'true'),
  }),
  route({
    method: 'post',
    path: '/downloads/:id/move',
    summary:
      'Put a download’s turn before the one before it (up) or after the next (down). What runs goes on.',
    body: moveDownloadRequest,
    answer: download,
    handle: ({ context, param, body }) => context.supply.downloads.move(param('id'), body.direction),
  }),
  route({
    method: 'delete',
    path: '/downloads/:id',
    summary: 'Take a download off the list, with its part. A finished model stays where it is.',
    status: 204,
    handle: ({ context, param }) => context.supply.downloads.remove(param('id')),
  }),
  route({
    method: 'get',
    path: '/models/inspect',
    summary:
      'What is at this address and whether it fits this computer, for so many people (slots) with so long conversations (context). Reads the beginning of the file only.',
    query: inspectQuery,
    answer: inspectedModel,
    handle: inspect,
  }),
  route({
    method: 'get',
    path: '/models/look',
    summary:
      'What a GGUF file on this computer is and whether it fits, read from its header; it is not added by that.',
    query: lookQuery,
    answer: inspectedModel,
    handle: look,
  }),
  route({
    method: 'get',
    path: '/models/locate',
    summary:
      'Where a file of this name and size lies on this computer: in the folders for models, in the home folder, and in the folders there. Null where it does not.',
    query: locateQuery,
    answer: locatedFile,
    handle: async ({ context, query }) => ({
      path: await context.supply.locate({ name: query.name, sizeBytes: query.bytes }),
    }),
  }),
  route({
    method: 'get',
    path: '/models/search',
    summary:
      'Repositories of the model hub with GGUF files, by words. Tells apart that there is none, that this computer has no internet, and that the hub has trouble.',
    query: searchQuery,
    answer: hubSearch,
    handle: ({ context, query, response }) => context.supply.search(query.q, goneSignal(response)),
  }),
  route({
    method: 'get',
    path: '/models/found',
    summary: 'Models of Ollama and LM Studio on this computer. Add one by its path; it is used in place.',
    answer: foundModelList,
    handle: found,
  }),
  route({
    method: 'get',
    path: '/catalogue',
    summary: 'Well-known models, whether each fits this computer now, and what to take for which purpose.',
    answer: catalogue,
    handle: ({ context }) => describeCatalogue(context),
  }),
];

/** What a small office begins with. */
const usualSlots = 2;
const usualContextTokens = 16_384;

async function inspect({ context, query, response }: AdminCall<null, InspectQuery>): Promise<InspectedModel> {
  return await withFit(context, await context.supply.inspect(query.uri, goneSignal(response)), query);
}

async function look({ context, query }: AdminCall<null, LookQuery>): Promise<InspectedModel> {
  const path = await requireReadableFile(query.path);
  return await withFit(context, await context.supply.lookAt(path), query);
}

async function withFit(
  context: AdminContext,
  model: RemoteModel,
  query: Pick<InspectQuery, 'slots' | 'context'>,
): Promise<InspectedModel> {
  const contextTokens =
    query.context ?? Math.min(usualContextTokens, model.contextTokens ?? usualContextTokens);
  const plan = { slots: query.slots ?? usualSlots, contextTokens };
  return { ...model, fit: context.supply.fit(model, plan, await measuredMachine(context)) };
}

async function found({ context }: AdminCall): Promise<WireFoundModel[]> {
  const models = context.engine.models();
  const candidates = await context.supply.found();
  return candidates.map((candidate) => ({
    ...candidate,
    modelId: models.find(({ path }) => path === candidate.path)?.id ?? null,
  }));
}

const dayMs = 86_400_000;
/** As on the models' own cards. */
const speedDays = 30;

/** This computer, with how fast models have written on it. */
async function measuredMachine({ supply, reader, engine, clock, catchUp }: AdminContext): Promise<Machine> {
  const machine = await supply.machine();
  catchUp();
  const time = { step: null, zone: 'UTC', fromMs: clock.nowMs() - speedDays * dayMs, toMs: null } as const;
  const { rows } = await reader.read('usage', { filters: {}, dimensions: ['model'], ...time });
  const measured = rows.flatMap(({ model, tokensPerSecondP50 }) =>
    typeof model !== 'string' || tokensPerSecondP50 === null
      ? []
      : [{ model, tokensPerSecond: tokensPerSecondP50 }],
  );
  const hasGpu = machine.gpuFreeBytes !== null;
  return { ...machine, readBytesPerSecond: readingSpeed(engine.models(), measured, hasGpu) };
}

async function describeCatalogue(context: AdminContext): Promise<WireCatalogue> {
  const { supply } = context;
  const machine = await measuredMachine(context);
  /** Embeddings are not written token by token. */
  const whereOf = (model: CatalogueModel): Machine =>
    model.purposes.includes('embeddings') ? { ...machine, readBytesPerSecond: null } : machine;
  const downloads = supply.downloads.list();
  return {
    models: supply.catalogue.map((model) => ({
      ...model,
      purposes: [...model.purposes],
      fit: supply.fit(model, planFor(model), whereOf(model)),
      downloadId: downloads.find(({ uri }) => uri === model.uri)?.id ?? null,
    })),
    recommended: [...supply.recommend(machine)],
    bytesPerSecond: supply.downloads.usualSpeed(),
  };
}

/** What its main purpose wants: coding agents long conversations, embeddings short ones. */
function planFor({ purposes, contextTokens }: CatalogueModel): FitPlan {
  if (purposes.includes('embeddings')) return { slots: 1, contextTokens: Math.min(2048, contextTokens) };
  const wanted = purposes.includes('code') ? 32_768 : usualContextTokens;
  return { slots: usualSlots, contextTokens: Math.min(wanted, contextTokens) };
}

/** Ends what is done for a page that has gone. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return gone.signal;
}
