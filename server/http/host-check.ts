import type { RequestHandler } from 'express';
import { AppError, invalidRequest } from '../core/errors.ts';

/**
 * Which names this listener answers to. A page in somebody's browser whose name was pointed at this computer
 * (DNS rebinding) shows a foreign `Host` and is turned away before anything else is read (security.md §4, #2–5).
 */
export function hostCheck(isOwnName: (hostname: string) => boolean): RequestHandler {
  return function checkHost(request, _response, next) {
    if (countHeader(request.rawHeaders, 'host') > 1) throw invalidRequest('Send one Host header.');
    if (!request.url.startsWith('/') && /^[a-z][a-z0-9+.-]*:/i.test(request.url))
      throw invalidRequest('Send a path, not a whole address.');
    // HTTP/1.0 may leave it out (RFC 9112 §3.2); but then nobody knows whom it means.
    if (request.headers.host === undefined) throw invalidRequest('Send a Host header.');
    const hostname = hostnameOf(request.headers.host);
    if (hostname !== null && isOwnName(hostname)) return next();
    throw new AppError('This server does not answer under that name. Use the address it shows.', {
      status: 421,
      code: 'misdirected_request',
      retryable: false,
    });
  };
}

export function isLoopbackName(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Lower case, without port and trailing dot; null for what is not a host at all. */
export function hostnameOf(host: string): string | null {
  // Nearly always the same as the one before.
  if (host !== last.host) last = { host, hostname: readHostname(host) };
  return last.hostname;
}

let last: { readonly host: string; readonly hostname: string | null } = { host: '', hostname: null };

function readHostname(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(:\d{1,5})?$/.exec(host.toLowerCase());
  return match?.[1] ?? null;
}

/** Node keeps the first of several; `rawHeaders` has all, names and values in turn. */
export function countHeader(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index];
    if (header?.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}
