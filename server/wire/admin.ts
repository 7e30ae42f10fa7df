import { z } from 'zod';
import { keyPolicy, setKeyPolicy } from './limits.ts';
import { officeNameText } from './office-model.ts';
import { pauses } from './owner.ts';

/** Shapes of the admin API (`/api`), shared by the server, the console and the command line's tests. */

const isoTime = z.iso.datetime();

/** Scrypt is slow on purpose, so a password need not be exotic, but it must not be short. */
export const minimumPasswordLength = 12;
const password = z
  .string()
  .min(minimumPasswordLength, `The password needs at least ${minimumPasswordLength} characters.`)
  .max(1024);

// --- sign-in ---------------------------------------------------------------------------------------------

/** `GET /api/session`: always 200, so that a page can ask without an error in the browser's console. */
export const sessionState = z.object({
  signedIn: z.boolean(),
  /** True until the owner has set a password through the one-time link printed at start. */
  needsSetup: z.boolean(),
  /** To be sent as `X-Inglenook-CSRF` with everything that changes something; null when signed out. */
  csrfToken: z.string().nullable(),
  /** How this console was opened: by password, or by the app's own window. */
  via: z.enum(['password', 'window', 'token']).nullable(),
});
export type SessionState = z.infer<typeof sessionState>;

/** `POST /api/setup`: the token is the fragment of the one-time link. Signs in as well. */
export const setupRequest = z.strictObject({
  token: z.string().max(200),
  password,
  /** What the office is to be called; left out, it keeps its name. */
  officeName: officeNameText.optional(),
});
export type SetupRequest = z.infer<typeof setupRequest>;
/**
 * `POST /api/session` signs in, `DELETE /api/session` signs out. The code is asked for, by 401 `code_needed`, where the
 * second step is on: six digits of the app, or a recovery code.
 */
export const signInRequest = z.strictObject({
  password: z.string().max(1024),
  code: z.string().trim().max(64).optional(),
});
/** `POST /api/session/ticket`: what the app's “Open in browser” puts into the fragment; good for a minute, once. */
export const ticketSignInRequest = z.strictObject({ ticket: z.string().max(200) });
/** `POST /api/session/confirm` */
export const confirmSessionRequest = z.strictObject({ password: z.string().max(1024) });
/** `POST /api/password`: a signed-in browser also shows the present password; the token and the window need not. */
export const changePasswordRequest = z.strictObject({
  currentPassword: z.string().max(1024).optional(),
  password,
});

// --- status ----------------------------------------------------------------------------------------------

export const serverStatus = z.object({
  version: z.string(),
  startedAt: isoTime,
  /** `http://127.0.0.1:PORT` */
  address: z.string(),
  dataDir: z.string(),
  lan: z.object({ on: z.boolean(), address: z.string().nullable() }),
  /** Requests being answered, and waiting for a slot. */
  activeRequests: z.number().int(),
  waitingRequests: z.number().int(),
  /** Models that somebody uses or waits for just now; who waits tells `GET /api/queue`. */
  queues: z
    .array(
      z.object({
        engine: z.string(),
        /** Null where all models of the engine share its slots. */
        model: z.string().nullable(),
        slots: z.number().int(),
        active: z.number().int(),
        waiting: z.number().int(),
        /** How long the last of them will probably wait; null while nobody waits or nothing was measured. */
        longestWaitMs: z.number().nullable(),
      }),
    )
    .optional(),
  /** Since local midnight of the server's time zone. */
  today: z.object({
    /** Keys that were used; the server's own and the console's are none. The server's own checks of models count nowhere here. */
    devices: z.number().int().optional(),
    requests: z.number().int(),
    errors: z.number().int(),
    promptTokens: z.number().int(),
    completionTokens: z.number().int(),
  }),
  timeZone: z.string(),
  /** What the owner has taken back for now. */
  pauses: pauses.optional(),
  /** Finished requests that the disk has not taken yet; they are kept in memory and tried again. */
  log: z
    .object({
      unwritten: z.number().int(),
      /** Given up because there were too many, since the start. */
      lost: z.number().int(),
      /** What is wrong, in a sentence for the owner; null while all is well. */
      problem: z.string().nullable(),
      since: isoTime.nullable(),
    })
    .optional(),
});
export type ServerStatus = z.infer<typeof serverStatus>;

// --- models ----------------------------------------------------------------------------------------------

const backend = z.enum(['cpu', 'cuda', 'vulkan', 'metal']);

/** `PATCH /api/models/:model`: what is left out stays as it is; null is the usual. */
export const updateModelRequest = z.strictObject({
  pinned: z.boolean().optional(),
  preload: z.boolean().optional(),
  /** Up to a week; 0 unloads it as soon as it is idle. */
  keepAliveMinutes: z.number().min(0).max(10_080).nullish(),
  slots: z.number().int().min(1).max(16).nullish(),
  contextTokens: z.number().int().min(256).max(4_194_304).nullish(),
});
export type UpdateModelRequest = z.infer<typeof updateModelRequest>;

const modelSettings = z.object({
  pinned: z.boolean(),
  preload: z.boolean(),
  keepAliveMinutes: z.number().nullable(),
  slots: z.number().int().nullable(),
  contextTokens: z.number().int().nullable(),
});

export const modelDescription = z.object({
  id: z.string(),
  engine: z.string(),
  /** What it is made for. */
  task: z.enum(['generate', 'embed', 'rerank']),
  source: z.enum(['starter', 'pulled', 'added', 'folder', 'ollama', 'upstream']),
  path: z.string(),
  sizeBytes: z.number(),
  modifiedMs: z.number(),
  state: z.enum(['off', 'loading', 'ready', 'busy', 'failed']),
  progressPercent: z.number().nullable(),
  reason: z.string().nullable(),
  /** Refused because the memory would not be enough: it can be loaded anyway. */
  isTooBig: z.boolean().optional(),
  contextTokens: z.number().int().nullable(),
  slots: z.number().int().nullable(),
  activeSlots: z.number().int(),
  backend: backend.nullable(),
  threads: z.number().int().nullable(),
  decodes: z.number().int().nullable(),
  generatedTokens: z.number().int().nullable(),
  threadsReason: z.string().nullable(),
  waitingFor: z.enum(['turn', 'memory', 'restart']).nullable(),
  memory: z.object({ estimatedBytes: z.number().nullable(), measuredBytes: z.number().nullable() }),
  attempts: z
    .array(
      z.object({
        backend,
        gpuShare: z.number(),
        slots: z.number().int(),
        contextTokens: z.number().int(),
        reason: z.string().nullable(),
        cause: z.string().nullable(),
      }),
    )
    .readonly(),
  keepAliveUntilMs: z.number().nullable(),
  crashes: z.number().int(),
  lastCrash: z.string().nullable(),
  settings: modelSettings,
  /** What its file says; absent for other servers' models, and for a file that cannot be read. */
  header: z
    .object({
      trainContextTokens: z.number().nullable(),
      contextBytesPerToken: z.number(),
      workingBytes: z.number(),
      canUseTools: z.boolean().nullable(),
      activeShare: z.number().nullable(),
    })
    .optional(),
  /** Whether it can be shown pictures; absent where that is not known. */
  canSee: z.boolean().optional(),
  /** Since when it is in memory. */
  readySinceMs: z.number().nullish(),
});
export type WireModel = z.infer<typeof modelDescription>;
export const modelList = z.array(modelDescription);

/** `POST /api/models`: a GGUF file on this computer, used in place. The name is for files whose own says nothing. */
export const addModelRequest = z.strictObject({
  path: z.string().min(1).max(4096),
  name: z.string().trim().min(1).max(200).optional(),
});

/** `POST /api/models/:model/load`: `anyway` although its memory may not be enough. */
export const loadModelQuery = z.strictObject({ anyway: z.enum(['true', 'false']).optional() });
export type LoadModelQuery = z.infer<typeof loadModelQuery>;

/** `DELETE /api/models/:model`: the file of a pulled model goes only when it is asked for. */
export const removeModelQuery = z.strictObject({ deleteFile: z.enum(['true', 'false']).optional() });
export const removedModel = z.object({
  removed: z.string(),
  /** How much room that made on the disk. */
  freedBytes: z.number().int(),
  /** Names that pointed at it and now lead nowhere. */
  brokenAliases: z.array(z.string()),
});
export type RemovedModel = z.infer<typeof removedModel>;

/** `POST /api/model-folders`: every GGUF file in it is used in place, also those that come later. */
export const addFolderRequest = z.strictObject({ path: z.string().min(1).max(4096) });
export const modelFolder = z.object({
  path: z.string(),
  models: z.array(z.string()),
});
export type WireModelFolder = z.infer<typeof modelFolder>;
export const modelFolderList = z.array(modelFolder);

// --- keys ------------------------------------------------------------------------------------------------

const label = z.string().trim().min(1).max(100);

/** What a paired device's key was made for; see `wire/pairing.ts`. */
export const keyPreset = z.enum(['teammate', 'script', 'guest']);

export const keyRecord = z.object({
  id: z.string(),
  name: z.string(),
  person: z.string().nullable(),
  team: z.string().nullable(),
  device: z.string().nullable(),
  /** Names of models and aliases; null for all. */
  models: z.array(z.string()).nullable(),
  role: z.enum(['inference', 'ops']),
  /** The key's beginning and its last four characters, to recognise it by. */
  hint: z.string(),
  createdAt: isoTime,
  expiresAt: isoTime.nullable(),
  revokedAt: isoTime.nullable(),
  lastUsedAt: isoTime.nullable(),
  lastIp: z.string().nullable(),
  /** The name or address of ours that the device last used, without the port. */
  lastHost: z.string().nullable(),
  /** The User-Agent it last showed. */
  lastClient: z.string().nullable(),
  /** Whether its last request travelled unencrypted; null before the first. */
  plain: z.boolean().nullable(),
  /** Set for devices that were let in by pairing, with the address they paired from. */
  preset: keyPreset.nullable(),
  pairedFrom: z.string().nullable(),
  /** Set while the owner has paused it. */
  pausedAt: isoTime.nullable(),
  /** When its text was last replaced by another. */
  replacedAt: isoTime.nullable(),
  /** Texts from before that still work for it, newest first; each ends by itself. */
  formerKeys: z.array(z.object({ hint: z.string(), endsAt: isoTime, lastUsedAt: isoTime.nullable() })),
  ...keyPolicy.shape,
  status: z.enum(['active', 'paused', 'expired', 'revoked']),
});
export type KeyRecord = z.infer<typeof keyRecord>;
export const keyList = z.array(keyRecord);

/** `POST /api/keys`. Names are unique among keys that are not revoked. */
export const createKeyRequest = z.strictObject({
  name: label,
  person: label.nullish(),
  team: label.nullish(),
  device: label.nullish(),
  models: z.array(z.string().min(1).max(200)).max(1000).nullish(),
  role: z.enum(['inference', 'ops']).optional(),
  expiresAt: isoTime.nullish(),
  ...setKeyPolicy,
});
export type CreateKeyRequest = z.infer<typeof createKeyRequest>;

/** `PATCH /api/keys/:key`: what is left out stays as it is. */
export const updateKeyRequest = createKeyRequest
  .omit({ role: true })
  .partial()
  .extend({ paused: z.boolean().optional() });
export type UpdateKeyRequest = z.infer<typeof updateKeyRequest>;

const daySeconds = 86_400;
/** How long a key's text of before may go on once it is replaced: at most thirty days. */
const longestOverlapSeconds = 30 * daySeconds;
export const overlapSeconds = z.number().int().min(0).max(longestOverlapSeconds);

/** `POST /api/keys/:key/replace`: 0 ends the old text at once, with its running answers. */
export const replaceKeyRequest = z.strictObject({ overlapSeconds: overlapSeconds.default(daySeconds) });
export type ReplaceKeyRequest = z.infer<typeof replaceKeyRequest>;

/** The only answer that ever holds the key itself. */
export const createdKey = keyRecord.extend({
  key: z.string(),
  /** Things the owner should know, for instance that a named model does not exist yet. */
  warnings: z.array(z.string()),
});
export type CreatedKey = z.infer<typeof createdKey>;

// --- log -------------------------------------------------------------------------------------------------

export const logRow = z.object({
  id: z.string(),
  time: isoTime,
  key: z.string().nullable(),
  keyId: z.string().nullable(),
  person: z.string().nullable(),
  team: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  endUser: z.string().nullable(),
  device: z.string().nullable(),
  model: z.string().nullable(),
  servedModel: z.string().nullable(),
  engine: z.string().nullable(),
  route: z.string(),
  status: z.enum(['ok', 'error', 'cancelled', 'refused']),
  httpStatus: z.number().int(),
  finishReason: z.string().nullable(),
  error: z.string().nullable(),
  promptTokens: z.number().int(),
  cachedTokens: z.number().int(),
  completionTokens: z.number().int(),
  /** Billionths of the office's currency; null where nothing has a price. */
  costNanos: z.number().nullable(),
  queueMs: z.number(),
  loadMs: z.number(),
  /** From the end of waiting to the first token, and from there to the end; null without one. */
  prefillMs: z.number().nullable(),
  decodeMs: z.number().nullable(),
  firstTokenMs: z.number().nullable(),
  totalMs: z.number(),
  tried: z.array(z.string()),
  /** Fields of the request that were not done. */
  dropped: z.array(z.string()),
  client: z.string().nullable(),
  /** `X-Client-Request-Id` */
  clientRequestId: z.string().nullable(),
  ip: z.string(),
  /** The engine outside the office it was sent to; null if it stayed. */
  leftOffice: z.string().nullable(),
  /** Requests that were being answered when it came, itself among them; 0 where that is not known. */
  atOnce: z.number().int(),
  /** `hit`: an answer of before, whose tokens count in no limit; null where the response cache is off for the key. */
  cache: z.enum(['hit', 'miss']).nullable(),
});
export type WireLogRow = z.infer<typeof logRow>;

/** `GET /api/log`: newest first; `before` is the id of the last row of the page before (keyset paging). */
export const logQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100_000).default(100),
  key: z.string().max(200).optional(),
  person: z.string().max(200).optional(),
  team: z.string().max(200).optional(),
  /** What was asked for, or what served. */
  model: z.string().max(200).optional(),
  engine: z.string().max(200).optional(),
  status: z.enum(['ok', 'error', 'cancelled', 'refused']).optional(),
  since: isoTime.optional(),
  /** Before then. */
  until: isoTime.optional(),
  /** `no` leaves out what the server itself has asked to check its models. */
  checks: z.enum(['no']).optional(),
  before: z.string().max(100).optional(),
});
export type LogQuery = z.infer<typeof logQuery>;
export const logPage = z.array(logRow);

// --- errors ----------------------------------------------------------------------------------------------

/** Every refusal of the admin API. */
export const adminError = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
