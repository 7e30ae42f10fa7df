import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { ComposedServer } from '../../fakes/composed.ts';
import { startComposed } from '../../fakes/composed.ts';

export const publicName = 'ai.example.org';

export type Asked = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
export type Answered = {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
};

/** With any Host header, which `fetch` does not let one choose. */
export function ask(port: number, path: string, { method, headers, body }: Asked = {}): Promise<Answered> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      },
    );
    request.on('error', reject).end(payload);
  });
}

type MadeKey = { readonly id: string; readonly key: string };

/** A server with a public name, a key that may be used there, and one that may not. */
export async function startOutside(): Promise<{
  readonly server: ComposedServer;
  readonly port: number;
  readonly outside: MadeKey;
  readonly inside: MadeKey;
}> {
  const server = await startComposed();
  await server.admin('PUT', '/settings/outside.name', { value: publicName });
  const expiresAt = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const bounds = { outside: true, expiresAt, limits: { requestsPerMinute: 20 } };
  const outside = (await server.admin('POST', '/keys', { name: 'Cursor', ...bounds })) as MadeKey;
  const inside = (await server.admin('POST', '/keys', { name: 'Anna' })) as MadeKey;
  return { server, port: Number(new URL(server.address).port), outside, inside };
}

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
export const hello = { model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] };

/** All that the server has besides, by method and path; none of it is there for the internet. */
export const everythingElse: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/'],
  ['GET', '/console/'],
  ['GET', '/console/people'],
  ['GET', '/pair'],
  ['POST', '/pair/redeem'],
  ['GET', '/me'],
  ['GET', '/me/state'],
  ['GET', '/me/guides'],
  ['GET', '/api/session'],
  ['GET', '/api/keys'],
  ['GET', '/api/hello'],
  ['GET', '/api/openapi.json'],
  ['GET', '/healthz'],
  ['GET', '/readyz'],
  ['GET', '/metrics'],
  ['POST', '/v1/completions'],
  ['POST', '/v1/embeddings'],
  ['POST', '/v1/rerank'],
  ['POST', '/v1/messages'],
  ['POST', '/v1/messages/count_tokens'],
  ['POST', '/v1/responses'],
  ['GET', '/v1/responses/resp_1'],
  ['DELETE', '/v1/responses/resp_1'],
  ['GET', '/v1/models/fake-model'],
  ['POST', '/v1/models'],
  ['GET', '/v1/chat/completions'],
  ['OPTIONS', '/v1/chat/completions'],
  ['GET', '/.well-known/inglenook-ca.pem'],
  ['GET', '/v1/models/../../api/keys'],
  ['GET', '/v1/models/%2e%2e/%2e%2e/api/keys'],
  ['GET', '/V1/MODELS'],
  ['GET', '/v1/%6dodels'],
];
