import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Edge } from '../../../server/edge/edge.ts';
import type { FrontOptions } from '../../../server/http/front.ts';

/** A real connection, for what HTTP clients would not send. Never reads by itself. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the other side closes, by a reset too. Line ends are written as they are on the wire. */
export async function whole(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await closing(socket);
  return text;
}

/** `once` of node:events would throw for a connection that is reset while it waits. */
function closing(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** Sends lines, without closing our side, and waits until the server closes its own. */
export async function say(port: number, ...lines: readonly string[]): Promise<string> {
  const socket = await openSocket(port);
  const answer = whole(socket);
  socket.write(lines.join('\r\n'));
  return answer;
}

/** The status of the first answer; null where there was none. */
export function statusOf(answer: string): number | null {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1];
  return status === undefined ? null : Number(status);
}

/**
 * Lets connections of a test come from other computers: real sockets, of which the server is told another address at the
 * other end. `come(address)` says from where the next ones come; `home()` ends it.
 */
export function otherComputers(): {
  readonly front: (edge: Edge) => FrontOptions;
  readonly come: (address: string) => void;
  readonly home: () => void;
} {
  let from: string | null = null;
  return {
    front: (edge) => ({
      admit: (socket) => {
        const address = from;
        if (address !== null) Object.defineProperty(socket, 'remoteAddress', { get: () => address });
        return edge.connections.admit(socket);
      },
    }),
    come: (address) => (from = address),
    home: () => (from = null),
  };
}

/** Whether the server has taken the connection; what it does not want it ends at once. */
export async function isTaken(socket: Socket): Promise<boolean> {
  if (socket.closed) return false;
  const closed = closing(socket).then(() => false);
  const answered = new Promise<boolean>((resolve) => void socket.once('data', () => resolve(true)));
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return Promise.race([closed, answered]);
}
