import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type BreakableLine = {
  readonly url: string;
  /** Ends every connection and lets no new one through, as a cable that is pulled. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
};

/** A second way to the server, byte for byte, that a test can cut. */
export async function openBreakableLine(url: string): Promise<BreakableLine> {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('close', () => sockets.delete(from));
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const port = await listen(0);
  onTestFinished(cut);
  return { url: `http://127.0.0.1:${port}`, cut, mend: async () => void (await listen(port)) };
}
