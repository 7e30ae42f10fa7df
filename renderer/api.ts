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
  hubSearch,
  inspectedModel,
  locatedFile,
} from '../server/wire/downloads.ts';
import type {
  InspectedModel,
  WireCatalogue,
  WireDownload,
  WireFoundModel,
  WireHubSearch,
} from '../server/wire/downloads.ts';
import { lanState, type LanState } from '../server/wire/lan.ts';
import { createdPairing, pairingList, pairingRecord } from '../server/wire/pairing.ts';
import type { CreatedPairing, CreatePairingRequest, PairingRecord } from '../server/wire/pairing.ts';
import { settingList, settingRecord, type SettingRecord } from '../server/wire/settings.ts';

import { forgetConversation } from './playground/forget.ts';
import { noteServerDate } from './server-time.ts';

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
  /** Without what the server has asked itself to check its models. */
  readonly checks?: 'no';
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

/** What a link of the app carries; it holds once. */
export async function signInByTicket(ticket: string): Promise<SessionState> {
  await call(ignored, 'POST', '/api/session/ticket', { ticket });
  return getSession();
}

export async function signOut(): Promise<SessionState> {
  await call(ignored, 'DELETE', '/api/session');
  forgetConversation();
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

/** Although its memory may not be enough. */
export async function loadModelAnyway(id: string): Promise<void> {
  await call(ignored, 'POST', `/api/models/${encodeURIComponent(id)}/load?anyway=true`);
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

/** A file of the server's computer, looked at before it is added. */
export function lookAtFile(path: string): Promise<InspectedModel> {
  return call(inspectedModel, 'GET', `/api/models/look?${new URLSearchParams({ path })}`);
}

/** Where a file that was dropped lies on the server's computer; null where it is not found. */
export async function locateFile(file: {
  readonly name: string;
  readonly size: number;
}): Promise<string | null> {
  const query = new URLSearchParams({ name: file.name, bytes: String(file.size) });
  return (await call(locatedFile, 'GET', `/api/models/locate?${query}`)).path;
}

/** What the hub has by these words; why not, where it cannot be asked. */
export function searchHub(words: string): Promise<WireHubSearch> {
  return call(hubSearch, 'GET', `/api/models/search?${new URLSearchParams({ q: words })}`);
}

/** Its turn comes one earlier or later. */
export function moveDownload(wanted: {
  readonly id: string;
  readonly direction: 'up' | 'down';
}): Promise<WireDownload> {
  const { direction } = wanted;
  return call(download, 'POST', `/api/downloads/${encodeURIComponent(wanted.id)}/move`, { direction });
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
export function setLan(wanted: {
  readonly on: boolean;
  readonly address: string | null;
  /** For the office alone; left out, it stays. */
  readonly port?: number;
}): Promise<LanState> {
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

/** One call that brings bytes as they are. @throws ApiError, also where the signal has ended it */
export async function callWithBytes<T>(
  schema: z.ZodType<T>,
  path: string,
  piece: Blob,
  options: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> },
): Promise<T> {
  const headers = new Headers({ accept: 'application/json', ...options.headers });
  headers.set('content-type', 'application/octet-stream');
  if (csrfToken !== null) headers.set('x-inglenook-csrf', csrfToken);
  const { signal } = options;
  // Without a type of its own, whatever the browser thinks of the file.
  const body = await piece.arrayBuffer();
  let response: Response;
  try {
    response = await fetch(path, { method: 'PUT', headers, credentials: 'same-origin', signal, body });
  } catch (cause) {
    throw new ApiError(`PUT ${path}: no answer`, { kind: 'unreachable', cause });
  }
  const answer = await readJson(response);
  if (!response.ok) throw refusal(response, answer);
  return schema.parse(answer);
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

/** One call whose answer comes piece by piece. @throws ApiError, also where the signal has ended it */
export async function callForStream(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
  const response = await send('POST', path, body, { signal });
  if (!response.ok) throw refusal(response, await readJson(response));
  return response;
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

async function send(
  method: Method,
  path: string,
  body: unknown,
  options: Pick<RequestInit, 'signal'> = {},
): Promise<Response> {
  const response = await sendOnce(method, path, body, options);
  if (response.status !== 403 || askOwner === null) return response;
  const { code } = refusal(response, await readJson(response.clone()));
  if (code !== 'password_needed') return response;
  return (await askOwner()) ? sendOnce(method, path, body, options) : response;
}

async function sendOnce(
  method: Method,
  path: string,
  body: unknown,
  options: Pick<RequestInit, 'signal'> = {},
): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' });
  if (method !== 'GET') {
    headers.set('content-type', 'application/json');
    if (csrfToken !== null) headers.set('x-inglenook-csrf', csrfToken);
  }
  const sentAtMs = Date.now();
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...options,
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
    noteServerDate(response.headers.get('date'), sentAtMs, Date.now());
    return response;
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
