import type { Request, RequestHandler, Response } from 'express';
import { toAppError, type AppError } from '../core/errors.ts';
import type { LogStatus } from '../core/log-row.ts';
import type { GenerateRequest } from '../core/generate.ts';
import type { AskDialect, Dialect } from '../dialects/dialect.ts';
import { cancelledCode } from '../dialects/openai-responses-stream.ts';
import { admit } from '../gate/admit.ts';
import { authenticate } from '../gate/authenticate.ts';
import { newEntry, type Entry } from '../record/entry.ts';
import { runChoices } from '../routing/choices.ts';
import { resolveModel, type Candidate } from '../routing/resolve.ts';
import { getAlias } from '../store/aliases.ts';
import { sharesPrefixes } from '../store/share-prefixes.ts';
import { requestIdOf } from './api-headers.ts';
import { hostnameOf } from './host-check.ts';
import { jsonReader } from './read-json.ts';
import type { Exchange, OpenedDialect, ServeServices } from './exchange.ts';
import { withMediaFetched } from './media.ts';
import { respond, respondError, respondReply } from './respond.ts';
import { watch } from './watch.ts';

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
      entry.principal = authenticate(services.store, request, services.clock.nowMs());
      const body = await readJson(request, response);
      const spoken = 'open' in dialect ? dialect.open(body, exchange) : dialect;
      if ('parseAsk' in spoken) await answerQuestion(exchange, services, spoken, body);
      else await answerWords(exchange, services, spoken, body);
    } catch (error) {
      fail(dialect, exchange, services, error);
    } finally {
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
  const call = dialect.parse(body);
  const candidates = whoMayAnswer(exchange, services, call.request.model);
  // Before anything is loaded or waits in a queue: hostile schemas are refused at once.
  const unenforced = candidates[0].engine.check?.(call.request) ?? [];
  const keyId = entry.principal?.keyId ?? null;
  const cacheScope = keyId !== null && sharesPrefixes(services.store) ? 'shared' : keyId;
  const first = await withMediaFetched(call.request, services, abort.signal);
  const isSaid = ({ messages }: GenerateRequest): boolean => messages === call.request.messages;
  const more = (call.more ?? []).map((request) => ({
    ...request,
    ...(isSaid(request) ? { messages: first.messages } : {}),
    cacheScope,
  }));
  // Someone types on: what was to be filled in before is of no use any more.
  const isTyping = more.length === 0 && typeof call.request.raw?.suffix === 'string';
  const replaces = isTyping && keyId !== null ? { replaces: keyId } : {};
  const parts = runChoices(services.router, candidates, [{ ...first, cacheScope, ...replaces }, ...more], {
    route: entry.route,
    signal: abort.signal,
  });
  const watched = watch(parts, entry, services.clock);
  const dropped = [...call.dropped, ...unenforced];
  entry.dropped = dropped;
  await respond(exchange, services, { dialect, call: { ...call, dropped }, parts: watched });
}

async function answerQuestion(
  exchange: Exchange,
  services: ServeServices,
  dialect: AskDialect,
  body: unknown,
): Promise<void> {
  const { entry, abort } = exchange;
  const call = dialect.parseAsk(body);
  const candidates = whoMayAnswer(exchange, services, call.model);
  entry.dropped = call.dropped;
  const reply = await services.router.ask(candidates, call, entry.route, abort.signal);
  entry.promptTokens = reply.promptTokens;
  respondReply(exchange, services, call, reply);
}

/** @throws AppError where the key may not use the model, or nobody has it */
function whoMayAnswer(
  { entry }: Exchange,
  services: ServeServices,
  model: string,
): readonly [Candidate, ...Candidate[]] {
  entry.model = model.slice(0, 200);
  if (entry.principal !== null) admit(entry.principal, model);
  return resolveModel(services.engines, (name) => getAlias(services.store, name), model);
}

function openExchange(request: Request, response: Response, services: ServeServices): Exchange {
  const { clock } = services;
  const entry = newEntry({
    id: requestIdOf(response),
    arrivedAtMs: clock.nowMs(),
    arrivedMs: clock.monotonicMs(),
    routeName: `/v1${request.path.replace(/^\/v1(?=\/)/i, '').replace(/\/$/, '')}`,
    ip: (request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    host: hostnameOf(request.headers.host ?? '') ?? '',
    plain: !request.secure,
    client: request.headers['user-agent']?.slice(0, 200) ?? null,
    clientRequestId: request.get('x-client-request-id')?.slice(0, 200) ?? null,
  });
  const exchange: Exchange = { request, response, entry, abort: new AbortController(), stream: null };
  response.on('close', () => {
    if (!response.writableFinished) exchange.abort.abort(clientLeft);
  });
  services.running.add(exchange);
  services.onBegin();
  return exchange;
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
  return error.status < 500 && entry.firstTokenMs === null ? 'refused' : 'error';
}
