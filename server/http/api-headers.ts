import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import type { Clock } from '../core/clock.ts';

/** The console, pairing and health checks: no API of clients. */
const ourOwn = /^\/((api|pair|console|healthz|readyz)(\/|$)|$)/u;

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
      const id = `req_${randomUUID().replaceAll('-', '')}`;
      response.setHeader('x-request-id', id);
      response.setHeader('request-id', id);
      response.setHeader('openai-version', '2020-10-01');
      tellTime(response, clock);
    }
    next();
  };
}

/** The id that `apiHeaders` has given the request, `req_…`. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader('x-request-id'));
}

/** Known only when the head is about to be written; nothing else tells of that moment. */
function tellTime(response: ServerResponse, clock: Clock): void {
  const arrivedMs = clock.monotonicMs();
  const { writeHead } = response;
  response.writeHead = function writeTimedHead(this: ServerResponse, ...head: unknown[]) {
    if (!response.headersSent) {
      response.setHeader('openai-processing-ms', Math.round(clock.monotonicMs() - arrivedMs));
    }
    return Reflect.apply(writeHead, this, head) as ServerResponse;
  };
}
