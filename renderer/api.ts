import './no-eval.ts';
import { z } from 'zod';
import {
  adminError,
  createdKey,
  keyList,
  keyRecord,
  logPage,
  modelDescription,
  modelFolder,
  modelFolderList,
  modelList,
  removedModel,
  serverStatus,
  sessionState,
} from '../server/wire/admin.ts';
import type { CreateKeyRequest, CreatedKey, KeyRecord, SessionState } from '../server/wire/admin.ts';
import type { RemovedModel, ServerStatus, UpdateModelRequest } from '../server/wire/admin.ts';
import type { WireLogRow, WireModel, WireModelFolder } from '../server/wire/admin.ts';
import { connectPage, type ConnectPage } from '../server/wire/connect.ts';
import {
  catalogue,
  download,
  downloadList,
  foundModelList,
  inspectedModel,
} from '../server/wire/downloads.ts';
import type {
  InspectedModel,
  WireCatalogue,
  WireDownload,
  WireFoundModel,
} from '../server/wire/downloads.ts';
import { lanState, type LanState } from '../server/wire/lan.ts';
import { createdPairing, pairingList, pairingRecord } from '../server/wire/pairing.ts';
import type { CreatedPairing, CreatePairingRequest, PairingRecord } from '../server/wire/pairing.ts';
import { settingList, settingRecord, type SettingRecord } from '../server/wire/settings.ts';

/** The only `fetch()` of the console: every answer is parsed with the server's own schemas. */

export type ApiErrorKind = 'refused' | 'unreachable' | 'unexpected-answer';

/** What went wrong, in the server's words where it answered; `status` is 0 where it did not. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly kind: ApiErrorKind;
  readonly status: number;
  readonly code: string | null;
  /** The field that is meant, where the server names one. */
  readonly param: string | null;
  readonly requestId: string | null;

  constructor(
    message: string,
    details: {
      kind: ApiErrorKind;
      status?: number;
      code?: string | null;
      param?: string | null;
      requestId?: string | null;
      cause?: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.kind = details.kind;
    this.status = details.status ?? 0;
    this.code = details.code ?? null;
    this.param = details.param ?? null;
    this.requestId = details.requestId ?? null;
  }
}

export type LogFilters = {
  readonly status?: WireLogRow['status'];
  /** Id of a key. */
  readonly key?: string;
  readonly person?: string;
  readonly model?: string;
  /** From then on, and before then: moments in UTC. */
  readonly since?: string;
  readonly until?: string;
};

let csrfToken: string | null = null;

export async function getSession(): Promise<SessionState> {
  const session = await call(sessionState, 'GET', '/api/session');
  csrfToken = session.csrfToken;
  return session;
}

/** The code is asked for, by the refusal `code_needed`, where the second step is on. */
export async function signIn(shown: {
  readonly password: string;
  readonly code?: string;
}): Promise<SessionState> {
  await call(ignored, 'POST', '/api/session', shown);
  return getSession();
}

export async function setUp(token: string, password: string): Promise<SessionState> {
  await call(ignored, 'POST', '/api/setup', { token, password });
  return getSession();
}

export async function signOut(): Promise<SessionState> {
  await call(ignored, 'DELETE', '/api/session');
  return getSession();
}

export function getStatus(): Promise<ServerStatus> {
  return call(serverStatus, 'GET', '/api/status');
}

export function getModels(): Promise<WireModel[]> {
  return call(modelList, 'GET', '/api/models');
}

export async function addModel(path: string): Promise<void> {
  await call(ignored, 'POST', '/api/models', { path });
}

export async function loadModel(id: string): Promise<void> {
  await call(ignored, 'POST', `/api/models/${encodeURIComponent(id)}/load`);
}

export async function unloadModel(id: string): Promise<void> {
  await call(ignored, 'POST', `/api/models/${encodeURIComponent(id)}/unload`);
}

/** Whatever is left out of `change` stays as it is. */
export function updateModel(wanted: {
  readonly id: string;
  readonly change: UpdateModelRequest;
}): Promise<WireModel> {
  return call(modelDescription, 'PATCH', `/api/models/${encodeURIComponent(wanted.id)}`, wanted.change);
}

/** `deletesFile`: only a model that Inglenook has fetched goes with its file. */
export function removeModel(wanted: {
  readonly id: string;
  readonly deletesFile: boolean;
}): Promise<RemovedModel> {
  const query = wanted.deletesFile ? '?deleteFile=true' : '';
  return call(removedModel, 'DELETE', `/api/models/${encodeURIComponent(wanted.id)}${query}`);
}

export function getModelFolders(): Promise<WireModelFolder[]> {
  return call(modelFolderList, 'GET', '/api/model-folders');
}

export function addModelFolder(path: string): Promise<WireModelFolder> {
  return call(modelFolder, 'POST', '/api/model-folders', { path });
}

export async function removeModelFolder(path: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/model-folders/${encodeURIComponent(path)}`);
}

/** Models of other programs on this computer. */
export function getFoundModels(): Promise<WireFoundModel[]> {
  return call(foundModelList, 'GET', '/api/models/found');
}

export function getCatalogue(): Promise<WireCatalogue> {
  return call(catalogue, 'GET', '/api/catalogue');
}

/** How many people at once, and how many tokens for the conversation of each; null for what is usual. */
export type InspectRequest = {
  readonly uri: string;
  readonly slots: number | null;
  readonly contextTokens: number | null;
};

export function inspectModel({ uri, slots, contextTokens }: InspectRequest): Promise<InspectedModel> {
  const query = new URLSearchParams({ uri });
  if (slots !== null) query.set('slots', String(slots));
  if (contextTokens !== null) query.set('context', String(contextTokens));
  return call(inspectedModel, 'GET', `/api/models/inspect?${query}`);
}

export function getDownloads(): Promise<WireDownload[]> {
  return call(downloadList, 'GET', '/api/downloads');
}

export function addDownload(uri: string): Promise<WireDownload> {
  return call(download, 'POST', '/api/downloads', { uri });
}

export function pauseDownload(id: string): Promise<WireDownload> {
  return call(download, 'POST', `/api/downloads/${encodeURIComponent(id)}/pause`);
}

export function resumeDownload(id: string): Promise<WireDownload> {
  return call(download, 'POST', `/api/downloads/${encodeURIComponent(id)}/resume`);
}

export function cancelDownload(wanted: {
  readonly id: string;
  readonly keepsPart: boolean;
}): Promise<WireDownload> {
  const query = wanted.keepsPart ? '?keep=true' : '';
  return call(download, 'POST', `/api/downloads/${encodeURIComponent(wanted.id)}/cancel${query}`);
}

export async function removeDownload(id: string): Promise<void> {
  await call(ignored, 'DELETE', `/api/downloads/${encodeURIComponent(id)}`);
}

export function getSettings(): Promise<SettingRecord[]> {
  return call(settingList, 'GET', '/api/settings');
}

export function setSetting({ name, value }: Pick<SettingRecord, 'name' | 'value'>): Promise<SettingRecord> {
  return call(settingRecord, 'PUT', `/api/settings/${encodeURIComponent(name)}`, { value });
}

export function getKeys(): Promise<KeyRecord[]> {
  return call(keyList, 'GET', '/api/keys');
}

export function createKey(request: CreateKeyRequest): Promise<CreatedKey> {
  return call(createdKey, 'POST', '/api/keys', request);
}

export function revokeKey(id: string): Promise<KeyRecord | null> {
  return call(keyRecord.nullable().catch(null), 'DELETE', `/api/keys/${encodeURIComponent(id)}`);
}

export function getLan(): Promise<LanState> {
  return call(lanState, 'GET', '/api/lan');
}

/** `address`: one of the state's choices; null lets the server decide. */
export function setLan(wanted: { readonly on: boolean; readonly address: string | null }): Promise<LanState> {
  return call(lanState, 'PUT', '/api/lan', wanted);
}

export function getPairings(): Promise<PairingRecord[]> {
  return call(pairingList, 'GET', '/api/pairings');
}

/** What is left out is filled in by the server's own defaults. */
export type InvitationRequest = Partial<CreatePairingRequest>;

export function createPairing(request: InvitationRequest): Promise<CreatedPairing> {
  return call(createdPairing, 'POST', '/api/pairings', request);
}

export function approvePairing(id: string): Promise<PairingRecord> {
  return call(pairingRecord, 'POST', `/api/pairings/${encodeURIComponent(id)}/approve`);
}

export function denyPairing(id: string): Promise<PairingRecord> {
  return call(pairingRecord, 'POST', `/api/pairings/${encodeURIComponent(id)}/deny`);
}

export function closePairing(id: string): Promise<PairingRecord> {
  return call(pairingRecord, 'DELETE', `/api/pairings/${encodeURIComponent(id)}`);
}

export function getConnectPage(): Promise<ConnectPage> {
  return call(connectPage, 'GET', '/api/connect');
}

/** A page of the log, newest first; `before` is the id of the last row of the page before. */
export function getLog(filters: LogFilters, limit: number, before: string | null): Promise<WireLogRow[]> {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value);
  if (before !== null) query.set('before', before);
  return call(logPage, 'GET', `/api/log?${query}`);
}

/** For answers that nobody reads. */
export const ignored = z.unknown();

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One call of the admin API, its answer parsed. @throws ApiError */
export async function call<T>(
  schema: z.ZodType<T>,
  method: Method,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await send(method, path, body);
  const answer = await readJson(response);
  if (!response.ok) throw refusal(response, answer);
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ApiError(`${method} ${path}: ${z.prettifyError(parsed.error)}`, {
    kind: 'unexpected-answer',
    status: response.status,
    requestId: response.headers.get('x-request-id'),
    cause: parsed.error,
  });
}

/** One change whose answer nobody waits for, as the page is being closed: it reaches the server all the same. */
export function callInParting(method: Method, path: string, body: unknown): void {
  sendOnce(method, path, body, { keepalive: true }).catch(() => undefined);
}

/** One call whose answer is a file, with the name that the server gives it; without a body it only reads. @throws ApiError */
export async function callForFile(
  path: string,
  body?: unknown,
): Promise<{ readonly name: string; readonly content: Blob }> {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await send(method, path, body);
  if (!response.ok) throw refusal(response, await readJson(response));
  const name = /filename="?([^";]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  try {
    return { name: name ?? 'inglenook', content: await response.blob() };
  } catch (cause) {
    throw new ApiError(`${method} ${path}: broken off`, { kind: 'unreachable', cause });
  }
}

/** Asks whoever sits at the browser for the password; whether it was right. */
type AskOwner = () => Promise<boolean>;
let askOwner: AskOwner | null = null;

/** Who is asked where the server wants the password once more; returns the way to stop that. */
export function onOwnerAgain(ask: AskOwner): () => void {
  askOwner = ask;
  return () => {
    if (askOwner === ask) askOwner = null;
  };
}

async function send(method: Method, path: string, body: unknown): Promise<Response> {
  const response = await sendOnce(method, path, body);
  if (response.status !== 403 || askOwner === null) return response;
  const { code } = refusal(response, await readJson(response.clone()));
  if (code !== 'password_needed') return response;
  return (await askOwner()) ? sendOnce(method, path, body) : response;
}

async function sendOnce(
  method: Method,
  path: string,
  body: unknown,
  options: Pick<RequestInit, 'keepalive'> = {},
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' });
  if (method !== 'GET') {
    headers.set('content-type', 'application/json');
    if (csrfToken !== null) headers.set('x-inglenook-csrf', csrfToken);
  }
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...options,
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
  } catch (cause) {
    throw new ApiError(`${method} ${path}: no answer`, { kind: 'unreachable', cause });
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal(response: Response, answer: unknown): ApiError {
  const parsed = adminError.safeParse(answer);
  return new ApiError(parsed.success ? parsed.data.error.message : `HTTP ${response.status}`, {
    kind: parsed.success ? 'refused' : 'unexpected-answer',
    status: response.status,
    code: parsed.success ? parsed.data.error.code : null,
    param: parsed.success ? parsed.data.error.param : null,
    requestId: response.headers.get('x-request-id'),
  });
}
