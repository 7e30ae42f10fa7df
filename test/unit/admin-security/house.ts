import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { createdKey, type CreateKeyRequest } from '../../../server/wire/admin.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { exchange, sessionHeaders, type Answer } from '../admin/admin-server.ts';

export const password = 'correct horse battery';
export const json = { 'content-type': 'application/json' } as const;

type SendOptions = { readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

/** The whole server with a key for it, asked by a client that tidies nothing up. */
export type House = ComposedServer & {
  readonly origin: string;
  readonly adminToken: string;
  readonly key: string;
  readonly send: (method: string, path: string, options?: SendOptions) => Promise<Answer>;
  /** As whoever has the key. */
  readonly ask: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly asOwner: (method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Bytes as they are; lines end in CRLF. Resolves with all that comes until the server closes. */
  readonly raw: (head: readonly string[], body?: string) => Promise<string>;
  readonly createKey: (request: CreateKeyRequest) => Promise<string>;
  /** Sets the password through the link of the start; what a signed-in page sends. */
  readonly signUp: () => Promise<Record<string, string>>;
  /** Newest first. */
  readonly requestLog: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
};

export async function startHouse(options: Parameters<typeof startComposed>[0] = {}): Promise<House> {
  const server = await startComposed(options);
  const { port } = server;
  const adminToken = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const send: House['send'] = (method, path, sendOptions) => exchange(port, method, path, sendOptions);
  const asOwner: House['asOwner'] = (method, path, body) =>
    send(method, path, { headers: { authorization: `Bearer ${adminToken}` }, body });
  const createKey: House['createKey'] = async (request) =>
    createdKey.parse((await asOwner('POST', '/api/keys', request)).json).key;
  const key = await createKey({ name: 'attacker' });
  return {
    ...server,
    origin: `http://127.0.0.1:${port}`,
    adminToken,
    key,
    send,
    asOwner,
    createKey,
    ask: (path, body, headers = {}) =>
      send('POST', path, { headers: { authorization: `Bearer ${key}`, ...headers }, body }),
    async raw(head, body = '') {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`${[...head, '', ''].join('\r\n')}${body}`);
      return textOf(socket);
    },
    async signUp() {
      const token = new URL(server.setupLink ?? '').hash.slice(1);
      return sessionHeaders(await send('POST', '/api/setup', { body: { token, password } }));
    },
    requestLog: async () =>
      (await asOwner('GET', '/api/log?limit=1000')).json as Readonly<Record<string, unknown>>[],
  };
}

export const hello = { model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] } as const;

/** Status and code, as an error says them. */
export function refused(answer: Answer): [number, unknown] {
  const { error } = (answer.json ?? {}) as { error?: { code: unknown } };
  return [answer.status, error?.code];
}
