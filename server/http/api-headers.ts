import { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Clock } from '../core/clock.ts';
import { newRequestId } from '../core/request-id.ts';
import { headList, takeHeadList } from './head-list.ts';

/** The console, pairing, the teammate's page and health checks: no API of clients. */
const ourOwn = /^\/((api|pair|me|console|healthz|readyz)(\/|$)|$)/u;

export function isApiPath(path: string): boolean {
  return !ourOwn.test(path);
}

/**
 * What every answer to a client of the API bears, whatever comes of it (clients.md §5.1): an id to ask us by, in
 * OpenAI's and in Anthropic's name for it, and how long it took until the answer began.
 */
export function apiHeaders(clock: Clock): RequestHandler {
  return function welcome(request, response, next) {
    if (isApiPath(request.path)) welcomeToApi(response, clock);
    next();
  };
}

/**
 * The same for what is known to be a path of the API and to come from no page, with all else that such answers bear: what
 * `plainHeaders` and `cors` set on the long way.
 */
export function apiHeadersAtOnce(clock: Clock): RequestHandler {
  return function welcomeOnShortWay(_request, response, next) {
    welcomeToApi(response, clock);
    headList(response).push(...plainHeaders, ...varies);
    next();
  };
}

/** Notes when a request of the API came and gives it its id; its answer bears them. */
export function welcomeToApi(response: Arrived, clock: Clock): void {
  const atMs = Math.floor(clock.nowMs());
  const id = newRequestId(atMs);
  response[arrived] = { id, atMs, monotonicMs: clock.monotonicMs() };
  headList(response).push('x-request-id', id, 'request-id', id, 'openai-version', '2020-10-01');
}

/** On everything we answer. */
export const plainHeaders = ['X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'no-referrer'] as const;

/** Pages of some origins may read the answers of the API, those of others may not (`cors.ts`). */
export const varies = ['Vary', 'Origin'] as const;

/** `atMs`: when it came, the moment that is also in its id; `monotonicMs` for `openai-processing-ms`. */
type Arrival = { readonly id: string; readonly atMs: number; readonly monotonicMs: number };

/** Not for our own pages. */
const arrived = Symbol('when the request came');
type Arrived = ServerResponse & { [arrived]?: Arrival };

/** What `apiHeaders` has noted of the request; null for our own pages. */
export function arrivalOf(response: ServerResponse): Arrival | null {
  return (response as Arrived)[arrived] ?? null;
}

/** The id that `apiHeaders` has given the request, `req_…`. */
export function requestIdOf(response: ServerResponse): string {
  return String(arrivalOf(response)?.id);
}

/**
 * Known only when the head is about to be written; nothing else tells of that moment. `heads` is what all responses have
 * their `writeHead` from: one of its own for each would keep them, and all that hangs on them, until the next full collection.
 */
export function timeHeads(heads: Pick<ServerResponse, 'writeHead'>, clock: Pick<Clock, 'monotonicMs'>): void {
  const { writeHead } = ServerResponse.prototype;
  heads.writeHead = function writeTimedHead(this: Arrived, ...head: unknown[]) {
    const arrival = this[arrived];
    if (arrival === undefined || this.headersSent)
      return Reflect.apply(writeHead, this, head) as ServerResponse;
    const list = takeHeadList(this);
    list.push('openai-processing-ms', Math.round(clock.monotonicMs() - arrival.monotonicMs));
    if (head.length === 1) return Reflect.apply(writeHead, this, [head[0], list]) as ServerResponse;
    for (let at = 0; at < list.length; at += 2) this.setHeader(String(list[at]), list[at + 1] ?? '');
    return Reflect.apply(writeHead, this, head) as ServerResponse;
  };
}
