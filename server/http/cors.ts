import type { Request, RequestHandler, Response } from 'express';
import { allowedOrigins } from '../store/allowed-origins.ts';
import type { Store } from '../store/open.ts';
import { isApiPath, varies } from './api-headers.ts';
import { rateHeaderNames } from './rate-headers.ts';

/** What a page may read of an answer's head beside what every page may. */
const shownHeaders = [
  'x-request-id',
  'request-id',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
  'x-should-retry',
  'x-inglenook-model',
  'x-inglenook-tried',
  'x-inglenook-queue-ms',
  'x-inglenook-queue-place',
  'x-inglenook-queue-estimate-ms',
  'x-inglenook-cache',
  'x-inglenook-dropped',
  'x-inglenook-traced',
  'x-inglenook-traced-notice',
  ...rateHeaderNames,
].join(', ');

/** So long a browser need not ask again; the shortest of the browsers' limits. */
const preflightSeconds = 600;

/**
 * Lets the pages of listed origins use the API (clients.md §1.13). The key is the guard, so nothing is allowed that
 * would go along by itself: no cookies, no credentials. Pages of other origins get no word about CORS, which tells
 * their browser to keep the answer from them.
 */
export function cors(store: Store): RequestHandler {
  return function allowListedOrigins(request, response, next) {
    if (!isApiPath(request.path)) return next();
    response.setHeader(...varies);
    const { origin } = request.headers;
    if (origin === undefined || !mayRead(store, origin, request)) return next();
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', shownHeaders);
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (isPreflight) answerPreflight(request, response);
    else next();
  };
}

function answerPreflight(request: Request, response: Response): void {
  // SDKs add headers of their own to every request (`x-stainless-…`), so what is asked for is allowed.
  const asked = request.headers['access-control-request-headers'];
  if (asked !== undefined) response.setHeader('Access-Control-Allow-Headers', asked);
  response.vary('Access-Control-Request-Headers');
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader('Access-Control-Max-Age', preflightSeconds);
  response.status(204).end();
}

function mayRead(store: Store, origin: string, { headers: { host = '' } }: Request): boolean {
  return isOwn(origin, host) || allowedOrigins(store).includes(origin);
}

/** Ours by http and by https, which the browser takes for two. The Host header was checked against our names before. */
function isOwn(origin: string, host: string): boolean {
  return ['http:', 'https:'].some((protocol) => {
    const own = `${protocol}//${host}`;
    return URL.canParse(own) && new URL(own).origin === origin;
  });
}
