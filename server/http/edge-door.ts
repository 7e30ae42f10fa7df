import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import { AppError, invalidRequest } from '../core/errors.ts';
import { clientOf, noteClient } from '../edge/client.ts';
import type { Edge } from '../edge/edge.ts';
import type { Gate } from '../gate/gate.ts';
import { presentedKey, type KeyBearing } from '../gate/presented-key.ts';
import { pathOf } from './path-of.ts';
import { sameSecret } from './secrets.ts';

/** A client that goes on sending after its answer gets this long to read it (a reset would take it away). */
const lingerMs = 5_000;

/** What anything here answers to. `CONNECT` never becomes a request: Node closes its connection. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * The first that looks at a request: says who is asking (`clientOf` knows it from here on), and turns away whoever the
 * edge does not let in, before host, path, key or body are looked at.
 */
export function edgeDoor(edge: Edge): RequestHandler {
  return function passEdge(request, response, next) {
    const client = edge.read(request);
    noteClient(request, client);
    const leave = edge.enter(request, client, { isConsole: isConsolePath(pathOf(request)) });
    response.once('close', () => {
      leave();
      endUnread(request);
    });
    refuseOtherProtocols(request, response);
    next();
  };
}

/** Also what leads to it, and what the command line and monitors of this computer ask. */
function isConsolePath(path: string): boolean {
  return /^\/((api|console|healthz|readyz)(\/|$)|$)/iu.test(path);
}

function refuseOtherProtocols(request: Request, response: Response): void {
  if (!methods.has(request.method)) {
    response.setHeader('Allow', [...methods].join(', '));
    throw new AppError('This server has no such method.', {
      status: 405,
      code: 'method_not_allowed',
      retryable: false,
    });
  }
  const coding = request.headers['transfer-encoding'];
  // Node passes over what it does not know; a proxy may not, and so see another end of the request (RFC 9112 §6.1).
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') {
    response.setHeader('Connection', 'close');
    throw invalidRequest('Send the body with a Content-Length, or with "Transfer-Encoding: chunked" alone.');
  }
  // Others (`h2c`, which Java’s client offers with every request) are offers that may be passed over (RFC 9110 §7.8).
  if (/\bwebsocket\b/i.test(request.headers.upgrade ?? '')) {
    throw invalidRequest(
      'This server speaks plain HTTP here, no WebSocket. Ask by POST; "stream": true streams.',
    );
  }
}

/** What was refused before its body was read must not be read to its end either, however long it is. */
function endUnread(request: Request): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) return;
  const timer = setTimeout(() => {
    if (!request.complete) socket.destroy();
  }, lingerMs).unref();
  // Not at the socket, which many requests share.
  request.once('close', () => clearTimeout(timer));
}

/** Whether a request shows one of the secrets that never leave this computer: the token file's, the window's. */
export function ownPrograms(secrets: readonly (string | null)[]): (request: IncomingMessage) => boolean {
  return ({ headers }) => {
    const shown = /^\s*bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
    return shown !== undefined && secrets.some((secret) => secret !== null && sameSecret(shown, secret));
  };
}

/** The gate, telling the edge who has shown a key that holds, and who one that does not. */
export function watchedGate(
  gate: Gate,
  edge: Pick<Edge, 'authenticated' | 'strike' | 'requirePatience'>,
): Gate {
  return {
    ...gate,
    enter(request, address) {
      try {
        const principal = gate.enter(request, address);
        edge.authenticated(address);
        return principal;
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid_api_key' && showsKey(request)) {
          edge.requirePatience(address, 'keys');
          edge.strike(address, 'keys');
        }
        throw error;
      }
    },
  };
}

/** Nothing shown is nothing guessed. */
function showsKey(request: KeyBearing): boolean {
  try {
    return presentedKey(request) !== null;
  } catch {
    return false;
  }
}

/** To be told of every refusal by the admin API: some of them are wrong guesses. */
export function noteGuess(edge: Pick<Edge, 'strike'>, request: Request, error: AppError): void {
  if (isGuess(request, error)) edge.strike(clientOf(request).address, 'passwords');
}

function isGuess(request: Request, { code }: AppError): boolean {
  switch (code) {
    case 'wrong_password':
    case 'wrong_code':
    case 'setup_link_invalid':
      return true;
    case 'not_signed_in':
      return request.headers.authorization !== undefined;
    default:
      return false;
  }
}
