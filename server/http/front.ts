import {
  createServer as createHttpServer,
  IncomingMessage,
  ServerResponse,
  type RequestListener,
  type Server as HttpServer,
  type ServerOptions,
} from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { ServedCertificates } from '../tls/https.ts';
import { answerClientError } from './client-error.ts';

/**
 * One port for http and https: a server that looks at the first byte of a connection (0x16 begins a TLS record, RFC 8446
 * §5.1; no HTTP method begins so) and hands it to one of two servers inside, which never listen themselves.
 */
export type Front = {
  readonly server: Server;
  /** No new connections; idle ones are closed. Resolves when the last connection has ended. */
  readonly close: () => Promise<void>;
  /** Ends what is still open. */
  readonly closeNow: () => void;
};

export type FrontOptions = {
  /** Null where only http is spoken. */
  readonly certificates?: ServedCertificates | null;
  /** Asked first of all for each connection; those it does not want are ended without a word. */
  readonly admit?: ((socket: Socket) => boolean) | undefined;
  readonly times?: Partial<FrontTimes> | undefined;
};

/** How long each part of a request may take to arrive. */
export type FrontTimes = {
  readonly firstByteMs: number;
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  /** How often the two before the last are looked after. */
  readonly checkMs: number;
};

const usualTimes: FrontTimes = {
  firstByteMs: 5_000,
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 120_000,
  keepAliveMs: 65_000,
  checkMs: 2_000,
};

/** More than any office needs, less than a flood could fill (security.md §5). */
const maxConnections = 4096;
const tlsRecord = 0x16;

export function createFront(handler: RequestListener, options: FrontOptions = {}): Front {
  const times = { ...usualTimes, ...options.times };
  const certificates = options.certificates ?? null;
  const http = begun(createHttpServer(httpOptions(times, handler), handler));
  const https = certificates === null ? null : begun(secureServer(handler, certificates, times));
  const stopFollowing = https === null ? () => {} : follow(https, certificates);
  const sockets = new Set<Socket>();
  /** Connections that have not said anything yet. */
  const silent = new Set<Socket>();

  // What http asks of its own sockets; the inner servers can no longer.
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  // Who is asked counts for itself, and keeps places for some (`edge/connections.ts`).
  if (options.admit === undefined) server.maxConnections = maxConnections;
  server.on('connection', (socket) => {
    // Before anything else, since an error nobody listens to would end the server.
    socket.on('error', () => socket.destroy());
    if (options.admit?.(socket) === false) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      silent.delete(socket);
    });
    silent.add(socket);
    awaitFirstByte(socket, times.firstByteMs, (isTls) => {
      silent.delete(socket);
      if (!isTls) {
        http.emit('connection', socket);
        // TLS reads what was put back by itself.
        return void socket.resume();
      }
      if (https === null || certificates?.usual() === null) return void socket.destroy();
      // A peer that has said all without the TLS way of ending has nothing to wait for.
      socket.allowHalfOpen = false;
      https.emit('connection', socket);
    });
  });

  return {
    server,
    close: async () => {
      stopFollowing();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of silent) socket.destroy();
        // Closing what never listened stops its time checks and ends what waits for a next request.
        http.close();
        https?.close();
      });
    },
    closeNow: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Puts what has been read back and pauses, so that the server inside reads it again when it has taken the connection. */
function awaitFirstByte(socket: Socket, timeoutMs: number, decide: (isTls: boolean) => void): void {
  const end = (): void => void socket.destroy();
  socket.setTimeout(timeoutMs, end);
  socket.once('end', end);
  socket.once('data', (chunk: Buffer) => {
    socket.setTimeout(0, end);
    socket.off('end', end);
    socket.pause();
    socket.unshift(chunk);
    decide(chunk[0] === tlsRecord);
  });
}

function httpOptions(times: FrontTimes, handler: RequestListener) {
  return {
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.checkMs,
    // Node’s own answer to a request without one has no body; ours is in JSON (`host-check.ts`).
    requireHostHeader: false,
    ...madeFor(handler),
  };
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

function secureServer(
  handler: RequestListener,
  certificates: ServedCertificates,
  times: FrontTimes,
): HttpsServer {
  return createHttpsServer(
    {
      ...httpOptions(times, handler),
      ...certificates.usual(),
      minVersion: 'TLSv1.2',
      // HTTP/2 is not spoken here, and a client that offers it as well then knows.
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: times.handshakeMs,
      SNICallback: (servername, done) => done(null, certificates.forName(servername) ?? undefined),
    },
    handler,
  ).prependListener('tlsClientError', (_error, socket) => socket.destroy());
}

/** Connections that are open keep what they have agreed on; the next ones are met with the new certificate. */
function follow(https: HttpsServer, certificates: ServedCertificates | null): () => void {
  if (certificates === null) return () => {};
  return certificates.onChange(() => {
    const context = certificates.usual();
    if (context !== null) https.setSecureContext(context);
  });
}

/**
 * A server that never listens never begins to look after slow requests, and they would stay open for ever (measured,
 * security.md §2): it is told that it does.
 */
function begun<Inner extends HttpServer | HttpsServer>(inner: Inner): Inner {
  inner.on('clientError', answerClientError);
  inner.emit('listening');
  return inner;
}
