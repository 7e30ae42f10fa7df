import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Router } from 'express';
import { AppError, toAppError } from '../core/errors.ts';
import { anthropicCountTokens, anthropicMessages } from '../dialects/anthropic-messages.ts';
import { openAiChat } from '../dialects/openai-chat.ts';
import { openAiCompletions } from '../dialects/openai-completions.ts';
import { openAiEmbeddings } from '../dialects/openai-embeddings.ts';
import { rerank } from '../dialects/rerank.ts';
import { clientOf } from '../edge/client.ts';
import type { Edge } from '../edge/edge.ts';
import type { Https } from '../tls/https.ts';
import { connectToolPath } from '../wire/connect-tool.ts';
import { authorityPath } from '../wire/https.ts';
import { updateFeedPath } from '../wire/updates.ts';
import { apiHeaders, apiHeadersAtOnce, plainHeaders, requestIdOf, timeHeads } from './api-headers.ts';
import { cors } from './cors.ts';
import { edgeDoor } from './edge-door.ts';
import { errorLanguage } from './error-language.ts';
import { hostCheck } from './host-check.ts';
import {
  httpsOnly,
  mayUseConsole,
  officeDoor,
  ownersDoor,
  sendAuthority,
  type HttpsDoors,
} from './https-doors.ts';
import { meRoutes, type MePage } from './me.ts';
import { cameFromOutside, outsideDoor } from './outside-door.ts';
import { sendConnectTool } from './pair-device.ts';
import { setErrorHeaders } from './respond.ts';
import { isOwnPath, securityHeaders } from './security-headers.ts';
import type { ServeServices } from './exchange.ts';
import { responsesRoutes } from './responses.ts';
import { serve } from './serve.ts';
import { addShortWay } from './short-way.ts';
import { consolePages } from './console-pages.ts';
import { sendUpdateFeed } from './update-feed.ts';
import { listModels, showModel } from './v1-models.ts';

export type AppServices = ServeServices & {
  readonly edge: Edge;
  readonly https: HttpsDoors & Pick<Https, 'trustFor'>;
  readonly isOwnName: (hostname: string) => boolean;
  /** Told every request's remote address: the first from elsewhere proves that the office can reach us. */
  readonly sawRequestFrom: (remoteAddress: string) => void;
  /** False while starting and draining: `/readyz` then answers 503. */
  readonly isReady: () => boolean;
  /** `/metrics`, for Prometheus. */
  readonly metrics: RequestHandler;
  /** `/api`, built by the admin part. */
  readonly admin: Router;
  /** `/pair`, the only part that strangers talk to. */
  readonly pair: Router;
  /** `/me`, the page for whoever has a key. */
  readonly me: MePage;
  /** News of newer versions, as their makers signed them; null where none were seen. */
  readonly updateFeed: () => string | null;
  /** The built console, `dist/renderer`. */
  readonly rendererDir: string;
};

/** The route table. Everything the server answers is in this screen. */
export function createApp(services: AppServices): Express {
  const app = express();
  app.disable('x-powered-by');
  // So that Express's own `request.secure` and `protocol` agree with `clientOf`.
  app.set('trust proxy', services.edge.isTrustedProxy);
  timeHeads(app.response, services.clock);
  const firstDoor = [edgeDoor(services.edge), hostCheck(services.isOwnName)];
  const secondDoor = [outsideDoor(services.store), noteSender(services)];
  const overHttps = httpsOnly(services.https);
  app.use([ownHeaders, apiHeaders(services.clock), ...firstDoor, collapseSlashes, ...secondDoor]);
  app.route(authorityPath).get(sendAuthority(services.https)).all(only('GET'));
  app.use([overHttps, setPlainHeaders, cors(services.store)]);

  app.get('/healthz', (_request, response) => void response.json({ status: 'ok', product: 'inglenook' }));
  app.get('/readyz', ready(services));
  // Also while the server is being stopped: that is when somebody looks.
  app.route('/metrics').get(services.metrics).all(only('GET'));
  const whileReady = onlyWhileReady(services.isReady);
  app.use(whileReady);

  // Asked by Claude Code before it does anything, without a key.
  app.get('/api/hello', (_request, response) => void response.json({ message: 'hello' }));
  const responses = responsesRoutes(services);
  const posts = new Map<string, RequestHandler>();
  const post = (path: string, spoken: Parameters<typeof serve>[0]): void => {
    const handler = serve(spoken, services);
    app.route(path).post(handler).all(only('POST'));
    posts.set(path, handler);
  };
  for (const base of ['/v1', '']) {
    post(`${base}/chat/completions`, openAiChat);
    post(`${base}/completions`, openAiCompletions);
    post(`${base}/embeddings`, openAiEmbeddings);
    post(`${base}/rerank`, rerank);
    post(`${base}/messages`, anthropicMessages);
    post(`${base}/messages/count_tokens`, anthropicCountTokens);
    post(`${base}/responses`, responses.create);
    post(`${base}/responses/input_tokens`, responses.countTokens);
    app.route(`${base}/responses/:id/cancel`).post(responses.cancel).all(only('POST'));
    app.route(`${base}/responses/:id/input_items`).get(responses.inputItems).all(only('GET'));
    app.route(`${base}/responses/:id`).get(responses.show).delete(responses.remove).all(only('GET, DELETE'));
    app.route(`${base}/models`).get(listModels(services)).all(only('GET'));
    app.route(`${base}/models/*id`).get(showModel(services)).all(only('GET'));
  }

  const inOffice = officeDoor(services.https);
  const me = meRoutes(services, services.rendererDir);
  app.route('/me').get(inOffice, me.page).all(only('GET'));
  app.route('/me/state').get(inOffice, me.state).all(only('GET'));
  app.route('/me/guides').get(inOffice, me.guides).all(only('GET'));

  app.route(updateFeedPath).get(inOffice, sendUpdateFeed(services.updateFeed)).all(only('GET'));
  app.route(connectToolPath).get(inOffice, sendConnectTool(services.rendererDir)).all(only('GET'));
  app.use('/api', ownersDoor(services.https), services.admin);
  app.use('/pair', inOffice, services.pair);
  app.use('/console', ownersDoor(services.https), consolePages(services.rendererDir));
  app.get('/', (request, response) =>
    response.redirect(302, mayUseConsole(services.https, request) ? '/console/' : '/pair'),
  );

  app.use(notFound);
  const onError = errorAnswer(services);
  app.use(onError);
  // What `ownHeaders`, `collapseSlashes` and `cors` look for does not come this way.
  const before = [apiHeadersAtOnce(services.clock), ...firstDoor, ...secondDoor, overHttps, whileReady];
  addShortWay(app, { before, posts, onError });
  return app;
}

/** Users paste a base address with a slash at its end; `//v1/models` means `/v1/models`. */
const collapseSlashes: RequestHandler = function collapse(request, _response, next) {
  if (!request.url.includes('//')) return next();
  const [path = '', query] = request.url.split(/\?(.*)/s, 2);
  request.url = path.replace(/\/{2,}/g, '/') + (query === undefined ? '' : `?${query}`);
  next();
};

/** First of all, so that whoever is refused for the name or the place gets them too. */
const ownHeaders: RequestHandler = function setOwnHeaders(request, response, next) {
  if (isOwnPath(request.path)) securityHeaders(request, response, next);
  else next();
};

function noteSender(services: AppServices): RequestHandler {
  return function noteSenderOf(request, _response, next) {
    // What has come through a tunnel proves nothing of the office.
    if (!cameFromOutside(request)) services.sawRequestFrom(clientOf(request).address);
    next();
  };
}

const setPlainHeaders: RequestHandler = function setOnAll(_request, response, next) {
  for (let at = 0; at < plainHeaders.length; at += 2)
    response.setHeader(plainHeaders[at] ?? '', plainHeaders[at + 1] ?? '');
  next();
};

/** Ready means that requests are accepted; where only the models of this computer answer nobody, it says that beside. */
function ready({ isReady, pauses }: AppServices): RequestHandler {
  return (_request, response) => {
    if (!isReady()) return void response.status(503).json({ status: 'not ready' });
    const { all = null, gpu = null } = pauses?.state() ?? {};
    const released = gpu === null ? {} : { gpu: { released: true, until: gpu.until } };
    if (all === null) return void response.json({ status: 'ready', ...released });
    const seconds = pauses?.refusal('all')?.retryAfterSeconds ?? null;
    if (seconds !== null) response.setHeader('Retry-After', Math.max(1, Math.ceil(seconds)));
    response.status(503).json({ status: 'paused', until: all.until, ...released });
  };
}

/** While the server ends, running answers go on and new requests are told to come back. */
function onlyWhileReady(isReady: () => boolean): RequestHandler {
  return function refuseWhileStopping(_request, _response, next) {
    if (isReady()) return next();
    throw new AppError('The server is being started or stopped. Please try again in a moment.', {
      status: 503,
      code: 'server_stopping',
      retryAfterSeconds: 5,
    });
  };
}

/** RFC 9110 §15.5.6: a known path under a method it does not have. HEAD and OPTIONS are Express's own. */
function only(method: 'GET' | 'POST' | 'GET, DELETE'): RequestHandler {
  return (request, response) => {
    response.setHeader('Allow', method);
    throw new AppError(`${request.method} is not possible here; use ${method}.`, {
      status: 405,
      code: 'method_not_allowed',
      retryable: false,
    });
  };
}

const notFound: RequestHandler = function answerNotFound(request) {
  throw new AppError(
    `There is nothing at ${request.method} ${request.path.slice(0, 200)}. The API's base address ends in /v1.`,
    { status: 404, code: 'unknown_url', retryable: false },
  );
};

/** Always JSON, always the same shape, never a stack (Express's own page would show one). */
function errorAnswer(services: AppServices): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const appError = fromExpress(error);
    if (appError.code === 'internal_error') {
      services.log.error('A request failed.', { path: request.path, error });
    }
    const { status, body } = errorLanguage(request)(appError, requestIdOf(response));
    setErrorHeaders(response, appError);
    response.status(status).json(body);
  };
}

/** Express and its parts mark what the client did wrong by a 4xx `status`, for instance a broken `%` escape. */
function fromExpress(error: unknown): AppError {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (!(error instanceof AppError) && typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError('The request could not be understood.', {
      status,
      code: 'invalid_request',
      cause: error,
    });
  }
  return toAppError(error);
}
