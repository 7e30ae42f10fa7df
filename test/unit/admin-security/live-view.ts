import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import type { AdminServer } from '../admin/admin-server.ts';

/** An open event stream; `ended` resolves when the server has ended it. */
export async function openLiveView(
  { port }: Pick<AdminServer, 'port'>,
  headers: Readonly<Record<string, string>>,
): Promise<{
  readonly status: number | undefined;
  readonly ended: Promise<unknown>;
  readonly isOver: () => boolean;
}> {
  const outgoing = request({ port, host: '127.0.0.1', path: '/api/events', headers, agent: false });
  onTestFinished(() => void outgoing.destroy());
  outgoing.on('error', () => undefined).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      isOver = true;
      resolve();
    });
  });
  response.on('error', () => undefined).resume();
  return { status: response.statusCode, ended, isOver: () => isOver };
}
