import { randomBytes } from 'node:crypto';
import { hostProtocolVersion as v, type MessageToServer } from '../server/wire/host.ts';
import { isOnThisComputer } from './guards.ts';
import type { Time } from './time.ts';

/** “Open in browser”: asks the server for a link that signs in once, and hands it to the system's browser. */
export type BrowserLink = {
  /** Where the server gives none in time, its front door is opened. Nothing happens where none runs. */
  readonly open: () => Promise<void>;
  /** The server's answer. */
  readonly answered: (ticket: { readonly id: string; readonly url: string }) => void;
};

export type BrowserLinkOptions = {
  readonly address: () => string | null;
  /** False where there is nobody to ask. */
  readonly send: (message: MessageToServer) => boolean;
  readonly openExternal: (url: string) => Promise<void>;
  readonly time: Pick<Time, 'after'>;
};

const answerTimeoutMs = 5_000;

export function createBrowserLink({ address, send, openExternal, time }: BrowserLinkOptions): BrowserLink {
  const awaited = new Map<string, (url: string) => void>();

  async function askFor(frontDoor: string): Promise<string> {
    const id = randomBytes(8).toString('hex');
    const answer = Promise.withResolvers<string>();
    awaited.set(id, answer.resolve);
    const cancel = time.after(answerTimeoutMs, () => answer.resolve(frontDoor));
    if (!send({ v, type: 'ticket', id })) answer.resolve(frontDoor);
    const url = await answer.promise;
    cancel();
    awaited.delete(id);
    return url;
  }

  return {
    async open() {
      const origin = address();
      if (origin === null) return;
      const url = await askFor(`${origin}/console/`);
      if (isOnThisComputer(url)) await openExternal(url);
    },
    answered: ({ id, url }) => awaited.get(id)?.(url),
  };
}
