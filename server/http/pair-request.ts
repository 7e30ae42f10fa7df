import type { Request, RequestHandler } from 'express';
import { AppError } from '../core/errors.ts';
import { isFromForeignPage } from './admin-auth.ts';

/** What all routes of `/pair` look at. */

/** No page of another website has business here, not even in the browser of somebody who was invited. */
export function refuseForeignPages(request: Request): void {
  if (!isFromForeignPage(request)) return;
  throw new AppError('Pairing is done on this server’s own page or by a program, not by other web pages.', {
    status: 403,
    code: 'foreign_origin',
  });
}

/** Our name and port as the device called us; the Host header was checked before (`host-check.ts`). */
export function ownHost(request: Request): string {
  return (request.headers.host ?? '').toLowerCase().replace(/\.(?=:|$)/, '');
}

/** RFC 9110 §15.5.6. */
export function only(method: 'GET' | 'POST'): RequestHandler {
  return function refuseMethod(request, response) {
    response.setHeader('Allow', method);
    throw new AppError(`${request.method} is not possible here; use ${method}.`, {
      status: 405,
      code: 'method_not_allowed',
    });
  };
}
