import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import { searchHub } from '../../../server/engines/builtin/supply/hub-search.ts';

async function hub(listener: RequestListener): Promise<{ readonly address: string; readonly asked: URL[] }> {
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? '/', 'http://hub.invalid'));
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const search = (address: string, words = 'qwen3 coder') =>
  searchHub(
    words,
    { timers: systemTimers, stallMs: 5_000, hub: { address, token: null } },
    new AbortController().signal,
  );

const answerWith =
  (answer: unknown): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));

describe('a search in the hub', () => {
  it('asks for GGUF models by the words, and tells who made the file of whose model', async () => {
    const source = await hub(
      answerWith([
        {
          id: 'bartowski/Qwen3-8B-GGUF',
          downloads: 12_345,
          likes: 67,
          gated: 'auto',
          tags: [
            'gguf',
            'license:apache-2.0',
            'base_model:Qwen/Qwen3-8B',
            'base_model:quantized:Qwen/Qwen3-8B',
          ],
        },
        { id: 'somebody/Plain-GGUF' },
        { id: '../../etc/passwd' },
        'nonsense',
      ]),
    );
    expect(await search(source.address)).toEqual({
      state: 'found',
      models: [
        {
          repo: 'bartowski/Qwen3-8B-GGUF',
          madeFrom: 'Qwen/Qwen3-8B',
          licence: 'apache-2.0',
          downloads: 12_345,
          likes: 67,
          isGated: true,
        },
        {
          repo: 'somebody/Plain-GGUF',
          madeFrom: null,
          licence: null,
          downloads: 0,
          likes: 0,
          isGated: false,
        },
      ],
    });
    const [asked] = source.asked;
    expect(asked?.pathname).toBe('/api/models');
    expect([asked?.searchParams.get('search'), asked?.searchParams.get('filter')]).toEqual([
      'qwen3 coder',
      'gguf',
    ]);
  });

  it('that finds nothing is none of the two troubles', async () => {
    expect(await search((await hub(answerWith([]))).address)).toEqual({ state: 'found', models: [] });
  });

  it.each([
    ['is in trouble', ((_request, response) => void response.writeHead(503).end()) satisfies RequestListener],
    ['answers with something else', answerWith({ error: 'no' })],
    ['cuts the line', ((request) => void request.socket.destroy()) satisfies RequestListener],
  ])('tells that the hub %s', async (_what, listener) => {
    const source = await hub(listener);
    expect(await search(source.address)).toMatchObject({ state: 'source-down', source: source.address });
  });

  it('tells that the hub refuses the connection', async () => {
    expect((await search('http://127.0.0.1:9')).state).toBe('source-down');
  });
});
