import type { Request, RequestHandler, Response } from 'express';
import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import type { Https } from '../tls/https.ts';
import { hostnameOf } from './host-check.ts';
import { isFromThisComputer } from './this-computer.ts';

/** What of https decides who may come in by which door. */
export type HttpsDoors = Pick<Https, 'settings' | 'isOutsideName' | 'authority'>;

/**
 * `authorityPath`: the certificate of our authority, to be installed. Without a key and on plain http as well, since a
 * device needs it before it can trust us; its fingerprint is what tells that it is ours.
 */
export function sendAuthority(https: HttpsDoors): RequestHandler {
  return function sendCertificate(_request, response) {
    const current = https.authority();
    if (current === null) {
      throw new AppError('This server has no certificate authority just now.', {
        status: 404,
        code: 'no_authority',
        retryable: true,
      });
    }
    // By this type phones offer to install it; RFC 5280 names no other that they know.
    response.setHeader('Content-Type', 'application/x-x509-ca-cert');
    response.setHeader('Cache-Control', 'no-cache');
    response.send(Buffer.from(current.authority.certificate));
  };
}

/**
 * While other computers are to be answered by https alone: a browser that only looks is led there, everything else is told
 * why not. Nothing that was posted is redirected: what it held has been read by then by whoever listens.
 */
export function httpsOnly(https: HttpsDoors): RequestHandler {
  return function requireHttps(request, response, next) {
    if (!https.settings().only || isPrivate(request)) return next();
    if (isPageVisit(request)) return leadToHttps(request, response);
    throw httpsNeeded(
      request,
      'This server answers other computers by https only. Change http:// to https:// in the base address. If a key was sent along, others on the network may have read it: ask for another.',
    );
  };
}

/**
 * The owner's password and session must not travel in clear (design decision 9): the console and the admin API answer
 * this computer, and others by https once the owner wants it. A token in `Authorization` may come by https at any time;
 * which ones count from elsewhere is decided where they are known (`admin-auth.ts`).
 */
export function ownersDoor(https: HttpsDoors): RequestHandler {
  return function refuseFromElsewhere(request, response, next) {
    if (isFromThisComputer(request)) return next();
    refuseOutside(https, request);
    const { networkConsole } = https.settings();
    const isApi = request.baseUrl === '/api';
    if (isPrivate(request) && (networkConsole || (isApi && showsToken(request)))) return next();
    if (networkConsole && !isApi && isPageVisit(request)) return leadToHttps(request, response);
    if (networkConsole) {
      throw httpsNeeded(request, 'The console and the admin API answer other computers by https only.');
    }
    throw new AppError(
      'The console and the admin API answer only on the computer that Inglenook runs on. The owner can open them to the network, by https: https.console.',
      { status: 403, code: 'this_computer_only', retryable: false },
    );
  };
}

/** Not where passwords are tried: while the console is closed to the network nobody there can find out the owner's. */
function showsToken(request: Request): boolean {
  return request.headers.authorization !== undefined && !/^\/(session|setup)(\/|$)/i.test(request.path);
}

/** Whoever comes by a public name is on the internet: such a name leads to the API alone. */
export function officeDoor(https: HttpsDoors): RequestHandler {
  return function refuseFromOutside(request, _response, next) {
    refuseOutside(https, request);
    next();
  };
}

/** Whether `/` leads to the console. */
export function mayUseConsole(https: HttpsDoors, request: Request): boolean {
  if (isFromThisComputer(request)) return true;
  return https.settings().networkConsole && isPrivate(request) && !isOutside(https, request);
}

/** Nobody between the client and us, or the proxy the owner trusts, can listen. */
function isPrivate(request: Request): boolean {
  return clientOf(request).isSecure || isFromThisComputer(request);
}

function isOutside(https: HttpsDoors, request: Request): boolean {
  return https.isOutsideName(hostnameOf(request.headers.host ?? '') ?? '');
}

function refuseOutside(https: HttpsDoors, request: Request): void {
  if (!isOutside(https, request)) return;
  throw new AppError(
    'Under this name there is only the API. Use the address of the office for everything else.',
    {
      status: 403,
      code: 'not_from_outside',
      retryable: false,
    },
  );
}

/** Browsers say so themselves, only not on plain http; no tool asks for pages. */
function isPageVisit(request: Request): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return isRead && /\btext\/html\b/i.test(request.headers.accept ?? '');
}

/** The Host header was checked against our own names before, and both are spoken on the same port. */
function leadToHttps(request: Request, response: Response): void {
  response.setHeader('Cache-Control', 'no-store');
  response.redirect(308, `https://${request.headers.host ?? ''}${request.originalUrl}`);
}

function httpsNeeded(request: Request, message: string): AppError {
  // A key that stands in the request must not stand in the answer too: no address beyond the host is repeated.
  const address = `https://${request.headers.host ?? ''}`;
  return new AppError(`${message} Here: ${address}`, { status: 403, code: 'https_needed', retryable: false });
}
