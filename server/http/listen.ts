import {
  createServer,
  IncomingMessage,
  ServerResponse,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../core/errors.ts';
import { answerClientError } from './client-error.ts';
import { portHolder } from './port-holder.ts';

export type Listener = {
  readonly port: number;
  /** No new connections; idle ones are closed. Resolves when the last connection has ended. */
  readonly close: () => Promise<void>;
  /** Ends what is still open. */
  readonly closeNow: () => void;
};

/** More than any office needs, less than a flood could fill (security.md §5). */
const maxConnections = 4096;

/**
 * Listens on loopback only, on IPv4 and, where there is one, on IPv6, since `localhost` may mean either.
 * @throws AppError with the sentence for the owner when the port cannot be had
 */
export async function listenOnLoopback(handler: RequestListener, port: number): Promise<Listener> {
  const main = await listenOn(handler, '127.0.0.1', port);
  // No IPv6 here, or somebody else has that port there: 127.0.0.1 is the address we name.
  const second = await listenOn(handler, '::1', main.port).catch(() => null);
  const listeners = second === null ? [main] : [main, second];
  return {
    port: main.port,
    close: async () => {
      await Promise.all(listeners.map((listener) => listener.close()));
    },
    closeNow: () => listeners.forEach((listener) => listener.closeNow()),
  };
}

/**
 * Listens on one address of this computer.
 * @throws AppError with the sentence for the owner when address and port cannot be had
 */
export async function listenOn(handler: RequestListener, address: string, port: number): Promise<Listener> {
  const server = newServer(handler);
  await bind(server, address, port).catch(async (error: unknown) => {
    throw await cannotListen(error, port);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => closeServer(server),
    closeNow: () => server.closeAllConnections(),
  };
}

function newServer(handler: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 120_000,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 2_000,
      ...madeFor(handler),
    },
    handler,
  );
  server.maxConnections = maxConnections;
  server.on('clientError', answerClientError);
  return server;
}

/**
 * Express gives every request and response prototypes of its app. An object whose prototype is changed costs all who use
 * it, so they are made with them from the beginning.
 */
function madeFor(handler: RequestListener & ExpressPrototypes): ServerOptions {
  const { request, response } = handler;
  if (request === undefined || response === undefined) return {};
  class AppRequest extends IncomingMessage {}
  class AppResponse<Asked extends IncomingMessage> extends ServerResponse<Asked> {}
  Object.setPrototypeOf(AppRequest.prototype, request);
  Object.setPrototypeOf(AppResponse.prototype, response);
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

/** Of an app of Express; absent for any other handler. */
type ExpressPrototypes = { readonly request?: object; readonly response?: object };

async function bind(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

async function cannotListen(error: unknown, port: number): Promise<AppError> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    const holder = await portHolder(port);
    return new AppError(
      `Port ${port} is in use${holder === null ? '' : ` by ${holder}`}. Stop that program, or choose another port: INGLENOOK_PORT=11501 npm start`,
      { status: 500, code: 'port_in_use', cause: error },
    );
  }
  const reason = code === 'EACCES' ? 'this user may not open it' : String(code ?? error);
  return new AppError(
    `Port ${port} cannot be opened: ${reason}. Choose another: INGLENOOK_PORT=11501 npm start`,
    {
      status: 500,
      code: 'port_unusable',
      cause: error,
    },
  );
}
