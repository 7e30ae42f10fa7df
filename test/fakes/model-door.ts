import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A model server of somebody's, as far as who only asks for its models can tell it from another. */
export type ModelDoor = {
  readonly port: number;
  /** Every path that was asked for. */
  readonly asked: string[];
};

export type DoorKind =
  | 'ollama'
  | 'lmstudio'
  | 'vllm'
  | 'llama-server'
  | 'locked'
  | 'web-page'
  | 'endless'
  | 'silent'
  | 'broken';

const models = (owner: string): string =>
  JSON.stringify({ object: 'list', data: [{ id: 'some-model', object: 'model', owned_by: owner }] });

const answers: Readonly<Record<Exclude<DoorKind, 'endless' | 'silent'>, Readonly<Record<string, string>>>> = {
  ollama: { '/api/tags': '{"models":[{"name":"llama3:8b"}]}', '/v1/models': models('library') },
  lmstudio: { '/v1/models': models('organization_owner') },
  vllm: { '/v1/models': models('vllm') },
  'llama-server': { '/v1/models': models('llamacpp') },
  locked: {},
  'web-page': { '/v1/models': '<!doctype html><title>Router</title>', '/api/tags': '[1,2]' },
  broken: { '/v1/models': '{"data":{"0":', '/api/tags': '{"models":"none"}' },
};

/** On the given address, at any port, until the test ends. */
export async function openModelDoor(kind: DoorKind, address: string): Promise<ModelDoor> {
  const asked: string[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    if (kind === 'silent') return;
    if (kind === 'endless') {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write('[ "more and more" ],'.repeat(500)), 1);
      response.on('close', () => clearInterval(timer));
      return;
    }
    const body = answers[kind][request.url ?? ''];
    response.writeHead(body === undefined ? (kind === 'locked' ? 401 : 404) : 200);
    response.end(body ?? '{"error":"key?"}');
  };
  const server = createServer(answer).listen(0, address);
  await once(server, 'listening');
  onTestFinished(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { port: (server.address() as AddressInfo).port, asked };
}
