import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { AppError } from '../core/errors.ts';
import { createFront, type FrontOptions } from './front.ts';
import { portHolder } from './port-holder.ts';

export type Listener = {
  readonly port: number;
  /** No new connections; idle ones are closed. Resolves when the last connection has ended. */
  readonly close: () => Promise<void>;
  /** Ends what is still open. */
  readonly closeNow: () => void;
};

/**
 * Listens on loopback only, on IPv4 and, where there is one, on IPv6, since `localhost` may mean either.
 * @throws AppError with the sentence for the owner when the port cannot be had
 */
export async function listenOnLoopback(
  handler: RequestListener,
  port: number,
  options: FrontOptions = {},
): Promise<Listener> {
  const main = await listenOn(handler, { address: '127.0.0.1', port }, options);
  // No IPv6 here, or somebody else has that port there: 127.0.0.1 is the address we name.
  const second = await listenOn(handler, { address: '::1', port: main.port }, options).catch(() => null);
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
 * Listens on one address of this computer, for http and https alike.
 * @throws AppError with the sentence for the owner when address and port cannot be had
 */
export async function listenOn(
  handler: RequestListener,
  { address, port }: { readonly address: string; readonly port: number },
  options: FrontOptions = {},
): Promise<Listener> {
  const { server, close, closeNow } = createFront(handler, options);
  try {
    await bind(server, address, port);
  } catch (error) {
    await close();
    throw await cannotListen(error, port);
  }
  return { port: (server.address() as AddressInfo).port, close, closeNow };
}

async function bind(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const mostPortsTried = 20;

/** The first port from there on that can be had at this address now; null where the next twenty are all taken. */
export async function nextFreePort(address: string, from: number): Promise<number | null> {
  for (let port = from; port < from + mostPortsTried && port <= 65_535; port += 1) {
    const server = createServer();
    try {
      await bind(server, address, port);
      return port;
    } catch {
      // The next one.
    } finally {
      server.close();
    }
  }
  return null;
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
