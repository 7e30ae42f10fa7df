import { z } from 'zod';

/** Getting models: `/api/downloads`, `/api/catalogue`, `/api/models/inspect`, `/api/models/found`, packet `downloads`. */

/** A model at its source, as far as source and header tell. */
const remoteModel = z.object({
  uri: z.string(),
  name: z.string(),
  fileCount: z.number().int(),
  sizeBytes: z.number().nullable(),
  architecture: z.string().nullable(),
  quantisation: z.string().nullable(),
  contextTokens: z.number().nullable(),
  contextBytesPerToken: z.number().nullable(),
  workingBytes: z.number().nullable(),
  activeShare: z.number().nullish(),
  hasChatTemplate: z.boolean(),
  canUseTools: z.boolean().nullable(),
  isResumable: z.boolean(),
  hasChecksum: z.boolean(),
});

export const download = z.object({
  id: z.string(),
  uri: z.string(),
  name: z.string(),
  state: z.enum([
    'waiting',
    'downloading',
    'stalled',
    'no-space',
    'checking',
    'paused',
    'cancelled',
    'failed',
    'ready',
  ]),
  /** A sentence; null while all is well. */
  reason: z.string().nullable(),
  doneBytes: z.number(),
  totalBytes: z.number().nullable(),
  bytesPerSecond: z.number(),
  secondsLeft: z.number().nullable(),
  attempt: z.number().int(),
  /** Tries since the owner last asked for it. */
  tries: z.number().int(),
  /** What keeps it waiting although it is wanted: all are paused, or it is not the hour for it. */
  heldBy: z.enum(['offline', 'owner', 'hours']).nullable(),
  retryAtMs: z.number().nullable(),
  addedMs: z.number(),
  endedMs: z.number().nullable(),
  path: z.string().nullable(),
  about: remoteModel.nullable(),
});
export type WireDownload = z.infer<typeof download>;
export const downloadList = z.array(download);

/** `POST /api/downloads` */
export const addDownloadRequest = z.strictObject({
  uri: z.string().min(1).max(2000),
  /** Once it is here and has answered a first request, the office’s names for chat and code lead to it. */
  forOffice: z.boolean().optional(),
});
/** `POST /api/downloads/:id/move` */
export const moveDownloadRequest = z.strictObject({ direction: z.enum(['up', 'down']) });
/** `POST /api/downloads/:id/cancel` */
export const cancelDownloadQuery = z.strictObject({ keep: z.enum(['true', 'false']).optional() });

/** The sum and one sentence about it; bytes are null where they cannot be told. */
const fit = z.object({
  verdict: z.enum(['fits', 'tight', 'partly', 'too-big', 'unknown']),
  sentence: z.string(),
  slots: z.number().int(),
  contextTokens: z.number().int(),
  weightsBytes: z.number().nullable(),
  contextBytes: z.number().nullable(),
  workingBytes: z.number().nullable(),
  neededBytes: z.number().nullable(),
  freeBytes: z.number(),
  fitsWithContextTokens: z.number().int().nullable(),
  /** About so many it would write for one person; null where nothing was measured. */
  tokensPerSecond: z.number().nullable(),
});

const positive = z.coerce.number().int().min(1);
/** For how many people at once, and how long a conversation each. */
const planQuery = { slots: positive.max(64).optional(), context: positive.max(10_000_000).optional() };
export const inspectQuery = z.strictObject({ uri: z.string().min(1).max(2000), ...planQuery });
export type InspectQuery = z.infer<typeof inspectQuery>;
export const inspectedModel = remoteModel.extend({ fit });
export type InspectedModel = z.infer<typeof inspectedModel>;

/** `GET /api/models/search` */
export const searchQuery = z.strictObject({ q: z.string().trim().min(1).max(200) });
const hubModel = z.object({
  repo: z.string(),
  madeFrom: z.string().nullable(),
  licence: z.string().nullable(),
  downloads: z.number(),
  likes: z.number(),
  isGated: z.boolean(),
});
export type WireHubModel = z.infer<typeof hubModel>;
/** No result, no internet and a source in trouble are three different things. */
export const hubSearch = z.discriminatedUnion('state', [
  z.object({ state: z.literal('found'), models: z.array(hubModel) }),
  z.object({
    state: z.enum(['no-internet', 'source-down', 'never']),
    source: z.string(),
    reason: z.string(),
  }),
]);
export type WireHubSearch = z.infer<typeof hubSearch>;

/** `GET /api/models/look`: a file of this computer, before it is added. */
export const lookQuery = z.strictObject({ path: z.string().min(1).max(4096), ...planQuery });
export type LookQuery = z.infer<typeof lookQuery>;

/** `GET /api/models/locate`: a file that was dropped on the console, by what a browser tells of it. */
export const locateQuery = z.strictObject({
  name: z.string().min(1).max(500),
  bytes: z.coerce.number().int().min(1),
});
export const locatedFile = z.object({ path: z.string().nullable() });

/** Models of other programs on this computer. */
export const foundModel = z.object({
  program: z.enum(['ollama', 'lm-studio']),
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  reason: z.string().nullable(),
  /** The id it has here, once it was added. */
  modelId: z.string().nullable(),
});
export const foundModelList = z.array(foundModel);
export type WireFoundModel = z.infer<typeof foundModel>;

const purpose = z.enum(['chat', 'code', 'autocomplete', 'embeddings']);

const catalogueModel = z.object({
  id: z.string(),
  name: z.string(),
  publisher: z.string(),
  licence: z.string(),
  purposes: z.array(purpose),
  uri: z.string(),
  sizeBytes: z.number(),
  contextTokens: z.number().int(),
  contextBytesPerToken: z.number(),
  workingBytes: z.number(),
  activeBillions: z.number(),
  activeShare: z.number(),
  canUseTools: z.boolean(),
  minimumMemoryBytes: z.number(),
});

/** What to take for a purpose: a model with its plan, or the sentence that this computer cannot. */
const recommendation = z.object({
  purpose,
  modelId: z.string().nullable(),
  slots: z.number().int().nullable(),
  contextTokens: z.number().int().nullable(),
  sentence: z.string(),
  tokensPerSecond: z.number().nullable(),
});

export const catalogue = z.object({
  models: z.array(catalogueModel.extend({ fit, downloadId: z.string().nullable() })),
  recommended: z.array(recommendation),
  /** As fast as the last long download was; null before the first. */
  bytesPerSecond: z.number().nullable(),
});
export type WireCatalogue = z.infer<typeof catalogue>;
