import type { Request, RequestHandler, Response } from 'express';
import { settingsFor, withSettings } from '../core/alias.ts';
import { toAppError, type AppError } from '../core/errors.ts';
import type { LogStatus } from '../core/log-row.ts';
import { playgroundKeyId } from '../core/playground.ts';
import type { Principal } from '../core/principal.ts';
import type { GenerateRequest } from '../core/generate.ts';
import type { AskDialect, Call, Dialect } from '../dialects/dialect.ts';
import { cancelledCode } from '../dialects/openai-responses-stream.ts';
import { clientOf } from '../edge/client.ts';
import { admit } from '../gate/admit.ts';
import type { Ask } from '../gate/gate.ts';
import { invalidKey } from '../gate/presented-key.ts';
import { noPrompt, promptSize, questionSize, sumSizes, type PromptSize } from '../gate/prompt-size.ts';
import { isPauseRefusal } from '../owner/pause-refusals.ts';
import { newEntry, type Entry } from '../record/entry.ts';
import { runChoices } from '../routing/choices.ts';
import { stickTextOf } from '../routing/deal.ts';
import { resolveModel, type Candidate } from '../routing/resolve.ts';
import { sharesPrefixes } from '../store/share-prefixes.ts';
import { arrivalOf, requestIdOf } from './api-headers.ts';
import { hostnameOf } from './host-check.ts';
import { jsonReader, letGo } from './read-json.ts';
import { askerOf } from './asker.ts';
import { endUserOf } from './end-user.ts';
import { requireServing, type Exchange, type OpenedDialect, type ServeServices } from './exchange.ts';
import { withoutHandingOn } from './hop.ts';
import { pointsElsewhere, withMediaFetched } from './media.ts';
import { aliasesFor, withinPass } from './pass.ts';
import { pathOf } from './path-of.ts';
import { setRateHeaders } from './rate-headers.ts';
import { respond, respondError, respondReply } from './respond.ts';
import { beginTrace } from './tracing.ts';
import { partsThroughCache, replyThroughCache } from './through-cache.ts';
import { explainUnknown } from './unknown-model.ts';
import { createWatch, isPaidFor } from './watch.ts';

/** Images travel as base64 inside the body. */
const readJson = jsonReader({ limitBytes: 32 * 1024 * 1024, inflate: true });

/** The reason of an abort when the client has gone; anything else that aborts gives its own AppError. */
const clientLeft = Symbol('the client has closed the connection');

/** The path of every request, in five steps: who, what, may they, who answers, the answer. */
export function serve(
  dialect: Dialect | AskDialect | OpenedDialect,
  services: ServeServices,
): RequestHandler {
  return async function serveRequest(request, response) {
    const exchange = openExchange(request, response, services);
    const { entry } = exchange;
    try {
      entry.principal = services.gate.enter(request, entry.ip);
      requireServing(services);
      const body = await readJson(request, response);
      if (entry.principal.speaksForOthers) entry.endUser = endUserOf(request.headers, body);
      const spoken = 'open' in dialect ? dialect.open(body, exchange) : dialect;
      const mine = withinPass(entry.principal, withoutHandingOn(request, services));
      if ('parseAsk' in spoken) await answerQuestion(exchange, mine, spoken, body);
      else await answerWords(exchange, mine, spoken, body);
    } catch (error) {
      fail(dialect, exchange, services, error);
    } finally {
      letGo(request);
      services.running.delete(exchange);
      services.ledger.settle(entry, { status: 'error', httpStatus: response.statusCode, error: 'unsettled' });
    }
  };
}

async function answerWords(
  exchange: Exchange,
  services: ServeServices,
  dialect: Dialect,
  body: unknown,
): Promise<void> {
  const { entry, abort } = exchange;
  const call = withAliasSettings(exchange, services, dialect.parse(body));
  const known = whoMayAnswer(exchange, services, {
    model: call.request.model,
    stickTo: () => stickTextOf(entry.principal?.keyId ?? null, call.request),
  });
  beginTrace(exchange, services, call);
  const candidates = putAside(exchange, services, known, askOf(call));
  // Before anything is loaded or waits in a queue: hostile schemas are refused at once, and count as requests.
  const unenforced = known[0].engine.check?.(call.request) ?? [];
  const keyId = entry.principal?.keyId ?? null;
  const cacheScope = cacheScopeOf(entry.principal, services);
  const first = pointsElsewhere(call.request)
    ? await withMediaFetched(call.request, services, abort.signal)
    : call.request;
  const isSaid = ({ messages }: GenerateRequest): boolean => messages === call.request.messages;
  const more = (call.more ?? []).map((request) => ({
    ...request,
    ...(isSaid(request) ? { messages: first.messages } : {}),
    cacheScope,
  }));
  // Someone types on: what was to be filled in before is of no use any more.
  const isTyping = more.length === 0 && typeof call.request.raw?.suffix === 'string';
  const replaces = isTyping && keyId !== null ? { replaces: keyId } : {};
  const whole =
    !call.stream && isPaidFor(entry.reservation, [first, ...more]) ? { whole: true as const } : {};
  const requests = [
    { ...first, cacheScope, ...replaces, ...whole },
    ...more.map((request) => ({ ...request, ...whole })),
  ] as const;
  const parts = partsThroughCache(exchange, services, { candidates, what: requests }, () =>
    runChoices(services.router, candidates, requests, {
      route: entry.route,
      signal: abort.signal,
      asker: askerOf(entry.principal),
    }),
  );
  const watch = createWatch(entry, { clock: services.clock, choices: 1 + more.length });
  const dropped = [...call.dropped, ...unenforced];
  entry.dropped = dropped;
  await respond(exchange, services, { dialect, call: { ...call, dropped }, parts, watch });
}

async function answerQuestion(
  exchange: Exchange,
  services: ServeServices,
  dialect: AskDialect,
  body: unknown,
): Promise<void> {
  const { entry, abort } = exchange;
  const call = dialect.parseAsk(body);
  const known = whoMayAnswer(exchange, services, { model: call.model });
  entry.dropped = call.dropped;
  // What computes nothing uses none of the key's tokens.
  const prompt = (): PromptSize => (call.needsSlot === false ? noPrompt : questionSize(body));
  const candidates = putAside(exchange, services, known, { prompt, answers: 0, maxTokens: 0 });
  const what = { id: dialect.id, asked: call.asked };
  const reply = await replyThroughCache(exchange, services, { candidates, what }, () =>
    services.router.ask(candidates, call, {
      route: entry.route,
      signal: abort.signal,
      asker: askerOf(entry.principal),
    }),
  );
  entry.promptTokens = reply.promptTokens;
  await respondReply(exchange, services, call, reply);
}

/** Whose conversations its prompt may share computed beginnings with; the owner learns nothing by it of what a device has said. */
function cacheScopeOf(principal: Principal | null, { store }: ServeServices): string | null {
  if (principal === null) return null;
  if (sharesPrefixes(store)) return 'shared';
  return principal.isOwner === true ? playgroundKeyId : principal.keyId;
}

/** What a call for words counts as, where limits count tokens. */
function askOf({ request, more = [] }: Call): Wanted {
  if (more.length === 0)
    return { prompt: () => promptSize(request), answers: 1, maxTokens: request.maxTokens };
  const requests = [request, ...more];
  // Several answers to one prompt read it once.
  const distinct = new Map(requests.map((one) => [one.raw ?? one.messages, one]));
  const maxima = requests.map(({ maxTokens }) => maxTokens ?? Number.POSITIVE_INFINITY);
  const most = Math.max(...maxima);
  return {
    prompt: () => sumSizes([...distinct.values()].map(promptSize)),
    answers: requests.length,
    maxTokens: Number.isFinite(most) ? most : null,
  };
}

type Wanted = Pick<Ask, 'prompt' | 'answers' | 'maxTokens'>;

/**
 * Puts aside what the request may use of its key's limits, and tells the client how they stand, whatever comes of it.
 * @returns those of the candidates that the key has something left for
 */
function putAside(
  { entry, request, response }: Exchange,
  { gate, clock }: ServeServices,
  [first, ...others]: readonly [Candidate, ...Candidate[]],
  wanted: Wanted,
): readonly [Candidate, ...Candidate[]] {
  const { principal, model } = entry;
  if (principal === null || model === null) throw invalidKey();
  try {
    const modelIds = [first, ...others].map(({ modelId }) => modelId);
    const isPromptTold = (id: string): boolean =>
      [first, ...others].every(({ engine, modelId }) => modelId !== id || engine.isRemote !== true);
    const { reservation, mayServe } = gate.reserve(principal, { ...wanted, model, modelIds, isPromptTold });
    entry.reservation = reservation;
    return [first, ...others.filter(({ modelId }) => mayServe(modelId))];
  } finally {
    setRateHeaders(request, response, gate.rates(principal, model), clock.nowMs());
  }
}

/** @throws AppError where the key may not use the model, or nobody has it */
function whoMayAnswer(
  { entry }: Exchange,
  services: ServeServices,
  { model, stickTo = () => '' }: { readonly model: string; readonly stickTo?: () => string },
): readonly [Candidate, ...Candidate[]] {
  entry.model = model.slice(0, 200);
  const { principal } = entry;
  if (principal === null) throw invalidKey();
  try {
    admit(principal, model);
    const find = aliasesFor(principal, services.store);
    const mayLeaveOffice = principal.mayLeave;
    return resolveModel(services.engines, find, model, { mayLeaveOffice, stickTo });
  } catch (error) {
    throw explainUnknown(services, principal, model, error);
  }
}

/** What the owner has bound to the name, where the client has not said. */
function withAliasSettings({ entry }: Exchange, services: ServeServices, call: Call): Call {
  const find = aliasesFor(entry.principal, services.store);
  if (find(call.request.model) === null) return call;
  const models = services.engines.flatMap((engine) => engine.models());
  const settings = settingsFor(call.request.model, models, find);
  const request = withSettings(call.request, settings);
  if (request === call.request || call.more === undefined) return { ...call, request };
  // The same conversation stays the same object: it is counted once.
  const more = call.more.map((other) => {
    const changed = withSettings(other, settings);
    return other.messages === call.request.messages ? { ...changed, messages: request.messages } : changed;
  });
  return { ...call, request, more };
}

function openExchange(request: Request, response: Response, services: ServeServices): Exchange {
  const { clock } = services;
  const arrival = arrivalOf(response);
  const id = requestIdOf(response);
  const entry = newEntry({
    id,
    // The same moment as in the id, by which the log finds the row again.
    arrivedAtMs: arrival?.atMs ?? clock.nowMs(),
    atOnce: services.running.size + 1,
    arrivedMs: arrival?.monotonicMs ?? clock.monotonicMs(),
    routeName: routeNameOf(pathOf(request)),
    ip: clientOf(request).address,
    host: hostnameOf(request.headers.host ?? '') ?? '',
    plain: !clientOf(request).isSecure,
    client: services.client ?? request.headers['user-agent']?.slice(0, 200) ?? null,
    clientRequestId: single(request.headers['x-client-request-id'])?.slice(0, 200) ?? null,
  });
  const exchange: Exchange = { request, response, entry, abort: new AbortController(), stream: null };
  response.on('close', () => {
    if (!response.writableFinished) exchange.abort.abort(clientLeft);
  });
  services.running.add(exchange);
  services.onBegin();
  return exchange;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

const usualPath = /^\/v1(?:\/[a-z_]+)+$/;

/** The same for all ways to write a path. */
function routeNameOf(path: string): string {
  return usualPath.test(path) ? path : `/v1${path.replace(/^\/v1(?=\/)/i, '').replace(/\/$/, '')}`;
}

/** Everything that went wrong ends here: the row is committed, then the client is told, if it is still there. */
function fail(
  dialect: Pick<Dialect, 'error'>,
  exchange: Exchange,
  services: ServeServices,
  error: unknown,
): void {
  const { ledger, log } = services;
  const { response, entry, abort } = exchange;
  if (abort.signal.aborted && abort.signal.reason === clientLeft) {
    ledger.settle(entry, { status: 'cancelled', httpStatus: 499, error: null });
    return;
  }
  const appError = toAppError(abort.signal.aborted ? abort.signal.reason : error);
  if (appError.code === 'internal_error') log.error('A request failed.', { request: entry.id, error });
  ledger.settle(entry, {
    status: statusOf(appError, entry),
    httpStatus: response.headersSent ? response.statusCode : dialect.error(appError, entry.id).status,
    error: `${appError.code}: ${appError.message}`,
  });
  respondError(dialect, exchange, appError);
}

function statusOf(error: AppError, entry: Entry): LogStatus {
  if (error.code === cancelledCode) return 'cancelled';
  return (error.status < 500 || isPauseRefusal(error)) && entry.firstTokenMs === null ? 'refused' : 'error';
}
