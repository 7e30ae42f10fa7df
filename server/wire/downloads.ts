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
  retryAtMs: z.number().nullable(),
  addedMs: z.number(),
  endedMs: z.number().nullable(),
  path: z.string().nullable(),
  about: remoteModel.nullable(),
});
export type WireDownload = z.infer<typeof download>;
export const downloadList = z.array(download);

/** `POST /api/downloads` */
export const addDownloadRequest = z.strictObject({ uri: z.string().min(1).max(2000) });
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
});

const positive = z.coerce.number().int().min(1);
/** For how many people at once, and how long a conversation each. */
const planQuery = { slots: positive.max(64).optional(), context: positive.max(10_000_000).optional() };
export const inspectQuery = z.strictObject({ uri: z.string().min(1).max(2000), ...planQuery });
export type InspectQuery = z.infer<typeof inspectQuery>;
export const inspectedModel = remoteModel.extend({ fit });
export type InspectedModel = z.infer<typeof inspectedModel>;

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
});

export const catalogue = z.object({
  models: z.array(catalogueModel.extend({ fit, downloadId: z.string().nullable() })),
  recommended: z.array(recommendation),
});
export type WireCatalogue = z.infer<typeof catalogue>;
