import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { createKey } from '../../../server/store/keys.ts';
import { gate, startTestServer, type TestServer } from './harness.ts';

function post(server: TestServer, path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
}

const input = { model: 'fake-model', input: 'Hi' };
const documents = { model: 'fake-model', query: 'q', documents: ['a'] };

describe('embeddings and ranking over http', () => {
  it('answer as chat does: headers, a row in the log, the model loaded for it', async () => {
    const server = await startTestServer();
    const response = await post(server, '/v1/embeddings', input);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-inglenook-model')).toBe('fake-model');
    expect(server.rows()).toHaveLength(1);
    expect(server.rows()[0]).toMatchObject({
      id: response.headers.get('x-request-id'),
      route: '/v1/embeddings',
      status: 'ok',
      promptTokens: 3,
      completionTokens: 0,
      finishReason: null,
      servedModel: 'fake-model',
    });
    expect((await post(server, '/rerank', documents)).status).toBe(200);
    expect(server.engine.seen.tasks).toEqual(['embed', 'rerank']);
    expect(server.rows()[0]).toMatchObject({ route: '/v1/rerank', promptTokens: 5 });
    expect(server.running.size).toBe(0);
  });

  it.each(['/v1/embeddings', '/v1/rerank', '/v1/completions'])(
    '%s wants a key, a POST, and a model the key may use',
    async (path) => {
      const server = await startTestServer();
      const { key } = createKey(server.store, { name: 'narrow', models: ['other'] }, Date.now());
      const body = { ...input, ...documents, prompt: 'Hi' };
      const narrow = { headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } };
      const refused = await post(server, path, body, narrow);
      const unknown = await post(server, path, { ...body, model: 'nowhere' });
      expect(refused.status).toBe(404);
      expect(await refused.text()).toBe((await unknown.text()).replace('nowhere', 'fake-model'));
      expect((await post(server, path, body, { headers: {} })).status).toBe(401);
      expect((await fetch(server.url + path)).status).toBe(405);
      expect(server.engine.seen.tasks).toEqual([]);
    },
  );

  it('a refusal of the engine reaches the client and the log', async () => {
    const server = await startTestServer({
      embed() {
        throw new AppError('Too long: 9 of 5.', {
          status: 400,
          code: 'context_length_exceeded',
          param: 'input',
        });
      },
    });
    const response = await post(server, '/v1/embeddings', input);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'context_length_exceeded', param: 'input' },
    });
    expect(server.rows()[0]).toMatchObject({ status: 'refused', httpStatus: 400 });
  });

  it('a client that leaves stops the work and frees its place', async () => {
    const held = gate();
    const server = await startTestServer({ beforeEmbed: () => held.opened });
    const client = new AbortController();
    const leaving = post(server, '/v1/embeddings', input, { signal: client.signal });
    const outcome = expect(leaving).rejects.toThrow();
    await expect.poll(() => server.router.active()).toBe(1);
    client.abort();
    await outcome;
    await expect.poll(() => server.router.active()).toBe(0);
    await expect.poll(() => server.rows()[0]?.status).toBe('cancelled');
  });
});

describe('completions over http', () => {
  it('answer whole and as a stream', async () => {
    const server = await startTestServer();
    const whole = await post(server, '/v1/completions', { model: 'fake-model', prompt: 'Once' });
    expect(await whole.json()).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'Hello from the fake.', finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 5 },
    });
    const body = { model: 'fake-model', prompt: 'Once', stream: true };
    const stream = await (await post(server, '/completions', body)).text();
    expect(stream).toContain('"text":"Hello"');
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(server.engine.seen.requests[0]).toMatchObject({ raw: { prompt: 'Once', suffix: null } });
    expect(server.rows().map(({ route }) => route)).toEqual(['/v1/completions', '/v1/completions']);
  });

  it('only the newest text with a gap counts for a key; the others do not replace one another', async () => {
    const server = await startTestServer();
    await post(server, '/v1/completions', { model: 'fake-model', prompt: 'a', suffix: 'b' });
    await post(server, '/v1/completions', { model: 'fake-model', prompt: 'a', suffix: 'b', n: 2 });
    await post(server, '/v1/completions', { model: 'fake-model', prompt: 'a' });
    expect(server.engine.seen.requests.map(({ replaces }) => replaces)).toEqual([
      server.keyId,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('several answers over http', () => {
  const answers = {
    answer: ({ sampling }: { sampling: { seed: number | null } }) => ({
      words: ['seed ', String(sampling.seed)],
    }),
  };

  it('come as choices, with the prompt counted once', async () => {
    const server = await startTestServer(answers);
    const response = await server.chat({ n: 3, seed: 1 });
    expect(await response.json()).toMatchObject({
      choices: [
        { index: 0, message: { content: 'seed 1' }, finish_reason: 'stop' },
        { index: 1, message: { content: 'seed 2' } },
        { index: 2, message: { content: 'seed 3' } },
      ],
      usage: { prompt_tokens: 12, completion_tokens: 6, total_tokens: 18 },
    });
    expect(server.rows()).toHaveLength(1);
    expect(server.rows()[0]).toMatchObject({ promptTokens: 12, completionTokens: 6, tried: ['fake-model'] });
  });

  it('come in one stream, each with role and reason, and end together', async () => {
    const server = await startTestServer(answers);
    const response = await server.chat({
      n: 2,
      seed: 1,
      stream: true,
      stream_options: { include_usage: true },
    });
    const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '');
    expect(frames.at(-1)).toBe('data: [DONE]');
    type Chunk = {
      choices: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
      usage: { completion_tokens: number } | null;
    };
    const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace('data: ', '')) as Chunk);
    for (const index of [0, 1]) {
      const own = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index));
      expect(own[0]?.delta.role).toBe('assistant');
      expect(own.map(({ delta }) => delta.content ?? '').join('')).toBe(`seed ${index + 1}`);
      expect(own.at(-1)?.finish_reason).toBe('stop');
    }
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
    expect(chunks.filter(({ usage }) => usage !== null)).toHaveLength(1);
  });

  it('fail together when one fails', async () => {
    const server = await startTestServer({
      beforePart(index, { sampling }) {
        if (sampling.seed === 2 && index === 1) throw new Error('a failed computation');
      },
    });
    const response = await server.chat({ n: 2, seed: 1 });
    expect(response.status).toBe(500);
    await expect.poll(() => server.engine.seen.active).toBe(0);
    expect(server.rows()[0]).toMatchObject({ status: 'error', httpStatus: 500 });
  });
});
