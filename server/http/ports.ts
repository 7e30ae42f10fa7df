import type { RequestListener } from 'node:http';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { keepPort, keptPort } from '../store/port-setting.ts';
import type { Store } from '../store/open.ts';
import type { PortState } from '../wire/trials.ts';
import type { FrontOptions } from './front.ts';
import { listenOn, listenOnLoopback, type Listener } from './listen.ts';

/** The port the server listens on, and another beside it: while it is tried, and until the next start. */
export type Ports = {
  readonly state: () => PortState;
  /** Listens on another port as well. @throws AppError 400, 409 where it cannot be had; nothing has changed then */
  readonly tryOut: (port: number) => Promise<void>;
  /** From the next start on it is the only one. */
  readonly keep: () => void;
  /** Closes it; its connections end. */
  readonly close: () => Promise<void>;
  /** Once the server listens. */
  readonly begin: (begun: BegunPort) => void;
};

export type BegunPort = {
  readonly handler: RequestListener;
  readonly front: FrontOptions;
  readonly port: number;
};

export type PortOptions = {
  readonly store: Store;
  readonly log: Logger;
  /** What was given from outside counts before what is kept; null for nothing. */
  readonly givenPort: number | null;
  readonly usualPort: number;
  /** Where the office is let in; null while it is not. */
  readonly officeAddress: () => string | null;
};

export function createPorts({ store, log, givenPort, usualPort, officeAddress }: PortOptions): Ports {
  let begun: BegunPort | null = null;
  let second: { readonly port: number; readonly listeners: readonly Listener[] } | null = null;

  async function close(): Promise<void> {
    const leaving = second;
    second = null;
    if (leaving === null) return;
    const ended = leaving.listeners.map((listener) => listener.close());
    for (const listener of leaving.listeners) listener.closeNow();
    await Promise.all(ended);
    log.info('The other port is closed.', { port: leaving.port });
  }

  return {
    state: () => ({
      port: begun?.port ?? usualPort,
      isGiven: givenPort !== null,
      next: givenPort ?? keptPort(store) ?? usualPort,
      also: second?.port ?? null,
    }),
    async tryOut(port) {
      if (begun === null) throw new Error('the server does not listen yet');
      if (givenPort !== null) throw given(givenPort);
      if (port === begun.port || port === second?.port) throw alreadyThere(port);
      const { handler, front } = begun;
      const own = await listenOnLoopback(handler, port, front).catch((error: unknown) => {
        throw unusable(error);
      });
      const address = officeAddress();
      try {
        const office = address === null ? [] : [await listenOn(handler, { address, port }, front)];
        await close();
        second = { port, listeners: [own, ...office] };
        log.info('The server listens on another port as well.', { port, address });
      } catch (error) {
        await own.close();
        throw unusable(error);
      }
    },
    keep() {
      if (second === null) return;
      keepPort(store, second.port);
      log.info('The server will listen on another port from the next start on.', { port: second.port });
    },
    close,
    begin(server) {
      begun = server;
    },
  };
}

function given(port: number): AppError {
  return new AppError(
    `Inglenook was started with the port ${port} (INGLENOOK_PORT), which counts before what is set here. Change it there, or start without it.`,
    { status: 409, code: 'port_given', param: 'port' },
  );
}

function alreadyThere(port: number): AppError {
  return new AppError(`Inglenook listens on port ${port} already.`, {
    status: 409,
    code: 'port_same',
    param: 'port',
  });
}

/** The sentence is the listener’s own, without the advice for the command line. */
function unusable(error: unknown): AppError {
  const [reason = ''] =
    error instanceof AppError ? error.message.split(/ (?:Stop that program|Choose another)/) : [];
  return new AppError(`${reason || 'This port cannot be opened.'} Take another one; nothing has changed.`, {
    status: 409,
    code: 'port_unusable',
    param: 'port',
    cause: error,
  });
}
