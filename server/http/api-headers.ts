import { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Clock } from '../core/clock.ts';
import { newRequestId } from '../core/request-id.ts';

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
  return function setApiHeaders(request, response, next) {
    if (isApiPath(request.path)) {
      const id = newRequestId(clock.nowMs());
      response.setHeader('x-request-id', id);
      response.setHeader('request-id', id);
      response.setHeader('openai-version', '2020-10-01');
      (response as Arrived)[arrived] = clock.monotonicMs();
    }
    next();
  };
}

/** When its request came, for `openai-processing-ms`; not for our own pages. */
const arrived = Symbol('when the request came');
type Arrived = ServerResponse & { [arrived]?: number };

/** The id that `apiHeaders` has given the request, `req_…`. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader('x-request-id'));
}

/**
 * Known only when the head is about to be written; nothing else tells of that moment. `heads` is what all responses have
 * their `writeHead` from: one of its own for each would keep them, and all that hangs on them, until the next full collection.
 */
export function timeHeads(heads: Pick<ServerResponse, 'writeHead'>, clock: Pick<Clock, 'monotonicMs'>): void {
  const { writeHead } = ServerResponse.prototype;
  heads.writeHead = function writeTimedHead(this: Arrived, ...head: unknown[]) {
    const arrivedMs = this[arrived];
    if (arrivedMs !== undefined && !this.headersSent) {
      this.setHeader('openai-processing-ms', Math.round(clock.monotonicMs() - arrivedMs));
    }
    return Reflect.apply(writeHead, this, head) as ServerResponse;
  };
}
