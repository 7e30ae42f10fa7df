import type { Response } from 'express';
import type { CatalogueModel, Download, FitPlan } from '../core/download.ts';
import {
  addDownloadRequest,
  cancelDownloadQuery,
  catalogue,
  download,
  downloadList,
  foundModelList,
  inspectedModel,
  inspectQuery,
  type InspectedModel,
  type InspectQuery,
  type WireCatalogue,
  type WireFoundModel,
} from '../wire/downloads.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Getting models. `:id` is a download's id. */
export const downloadRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/downloads',
    summary: 'All downloads, in the order they were asked for.',
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
    handle: ({ context, body }) => context.supply.downloads.add(body.uri),
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
  const model = await context.supply.inspect(query.uri, goneSignal(response));
  const contextTokens =
    query.context ?? Math.min(usualContextTokens, model.contextTokens ?? usualContextTokens);
  const plan = { slots: query.slots ?? usualSlots, contextTokens };
  return { ...model, fit: context.supply.fit(model, plan, await context.supply.machine()) };
}

async function found({ context }: AdminCall): Promise<WireFoundModel[]> {
  const models = context.engine.models();
  const candidates = await context.supply.found();
  return candidates.map((candidate) => ({
    ...candidate,
    modelId: models.find(({ path }) => path === candidate.path)?.id ?? null,
  }));
}

async function describeCatalogue({ supply }: AdminContext): Promise<WireCatalogue> {
  const machine = await supply.machine();
  const downloads = supply.downloads.list();
  return {
    models: supply.catalogue.map((model) => ({
      ...model,
      purposes: [...model.purposes],
      fit: supply.fit(model, planFor(model), machine),
      downloadId: downloads.find(({ uri }) => uri === model.uri)?.id ?? null,
    })),
    recommended: [...supply.recommend(machine)],
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
