import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFakeUpstream } from '../../fakes/fake-upstream.ts';

type Made = { readonly key: string };

async function keyOf(server: ComposedServer): Promise<string> {
  return ((await server.admin('POST', '/keys', { name: 'laptop' })) as Made).key;
}

type Posting = {
  readonly key: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
};

async function post(
  server: ComposedServer,
  { key, headers = {}, signal }: Posting,
  path: string,
  body: object,
): Promise<Response> {
  return await fetch(`${server.address}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

const hi = { messages: [{ role: 'user', content: 'Hi' }] };

/** Two whole servers; the second one's models are asked for at the first one. */
async function startTwo(engine: Parameters<typeof startComposed>[0] = {}) {
  const near = await startComposed({ engine: { models: ['near-model'] } });
  const far = await startComposed({ engine: { models: ['far-model'], ...engine.engine } });
  const farKey = await keyOf(far);
  const added = await near.admin('POST', '/upstreams', {
    name: 'branch',
    url: far.address,
    kind: 'inglenook',
    apiKey: farKey,
  });
  expect(added).toMatchObject({ state: 'ready', url: `${far.address}/v1`, hasKey: true });
  return { near, far, farKey, key: await keyOf(near) };
}

describe('two Inglenooks', () => {
  it('answer as one: whole, streamed, embeddings; each has its row', async () => {
    const { near, far, key } = await startTwo();
    const whole = await post(near, { key }, 'chat/completions', { model: 'far-model', ...hi });
    expect(whole.headers.get('x-inglenook-model')).toBe('far-model');
    expect(await whole.json()).toMatchObject({
      model: 'far-model',
      choices: [{ message: { content: 'Hello from the fake.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 5 },
    });
    const streamed = await post(near, { key }, 'chat/completions', {
      model: 'far-model',
      stream: true,
      stream_options: { include_usage: true },
      ...hi,
    });
    const frames = (await streamed.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
    const chunks = frames.map((frame) => JSON.parse(frame.slice(6)));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      'Hello from the fake.',
    );
    expect(new Set(chunks.map(({ id, model }) => `${id} ${model}`)).size).toBe(1);
    expect(chunks.at(-1)).toMatchObject({ usage: { prompt_tokens: 12, completion_tokens: 5 } });
    const embedded = await post(near, { key }, 'embeddings', {
      model: 'far-model',
      input: 'a',
      encoding_format: 'float',
    });
    expect(await embedded.json()).toMatchObject({
      data: [{ embedding: expect.any(Array) }],
      usage: { prompt_tokens: 3 },
    });
    const rows = (await near.admin('GET', '/log')) as { engine: string; status: string }[];
    expect(rows.map(({ engine, status }) => [engine, status])).toEqual([1, 2, 3].map(() => ['branch', 'ok']));
    expect(await far.admin('GET', '/log')).toHaveLength(3);
  });

  it('stop together when the reader leaves', async () => {
    const held = Promise.withResolvers<void>();
    const { near, far, key } = await startTwo({
      engine: { beforePart: (index) => (index === 2 ? held.promise : undefined) },
    });
    const abort = new AbortController();
    const response = await post(near, { key, signal: abort.signal }, 'chat/completions', {
      model: 'far-model',
      stream: true,
      ...hi,
    });
    await response.body?.getReader().read();
    abort.abort();
    await expect.poll(() => far.engine.seen.cancelled).toBe(1);
    held.resolve();
  });

  it('hold the limits of both, and what the far one says of its own is no word to hurry', async () => {
    const { near, far, key } = await startTwo();
    const chat = async (own: string, server = near) =>
      await post(server, { key: own }, 'chat/completions', { model: 'far-model', ...hi });
    const asked = (): number => far.engine.seen.requests.length;
    const hurried = (await near.admin('POST', '/keys', {
      name: 'hurried',
      limits: { requestsPerMinute: 1 },
    })) as Made;
    expect((await chat(hurried.key)).status).toBe(200);
    expect([(await chat(hurried.key)).status, asked()]).toEqual([429, 1]);
    const limited = (await far.admin('POST', '/keys', {
      name: 'limited',
      limits: { requestsPerMinute: 1 },
    })) as Made;
    await near.admin('PATCH', '/upstreams/branch', { apiKey: limited.key });
    expect([(await chat(key)).status, asked()]).toEqual([200, 2]);
    const busy = await chat(key);
    expect([busy.status, asked()]).toEqual([503, 2]);
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(1);
    const spent = (await far.admin('POST', '/keys', {
      name: 'spent',
      limits: { budgets: [{ unit: 'tokens', amount: 1, period: 'total' }] },
    })) as Made;
    await near.admin('PATCH', '/upstreams/branch', { apiKey: spent.key });
    await near.admin('POST', '/upstreams/branch/test');
    const out = await chat(key);
    expect([out.status, out.headers.get('x-should-retry'), asked()]).toEqual([503, 'false', 2]);
  });

  it('tell the reader when the far one dies in the middle', async () => {
    const { near, key } = await startTwo({
      engine: {
        beforePart: (index) => {
          if (index === 3) throw new Error('the far engine breaks');
        },
      },
    });
    const response = await post(near, { key }, 'chat/completions', {
      model: 'far-model',
      stream: true,
      ...hi,
    });
    const text = await response.text();
    expect([response.status, text.includes('"error"'), text.includes('[DONE]')]).toEqual([200, true, false]);
    expect(await near.admin('GET', '/log')).toMatchObject([{ status: 'error', engine: 'branch' }]);
  });

  it('attack 56: that name each other do not send a request round', async () => {
    const { near, far, farKey, key } = await startTwo();
    await far.admin('POST', '/upstreams', {
      name: 'head',
      url: near.address,
      kind: 'inglenook',
      apiKey: key,
    });
    const list = async (
      server: ComposedServer,
      own: string,
      headers: Record<string, string> = {},
    ): Promise<string[]> => {
      const response = await fetch(`${server.address}/v1/models`, {
        headers: { authorization: `Bearer ${own}`, ...headers },
      });
      const { data } = (await response.json()) as { data: { id: string }[] };
      return data.map(({ id }) => id).filter((id) => id.endsWith('-model'));
    };
    expect((await list(far, farKey)).toSorted()).toEqual(['far-model', 'near-model']);
    expect(await list(far, farKey, { 'x-inglenook-hop': '1' })).toEqual(['far-model']);
    const back = await post(far, { key: farKey }, 'chat/completions', { model: 'near-model', ...hi });
    expect(back.status).toBe(200);
    const round = await post(far, { key: farKey, headers: { 'x-inglenook-hop': '1' } }, 'chat/completions', {
      model: 'near-model',
      ...hi,
    });
    expect(round.status).toBe(404);
  });
});

describe('an upstream', () => {
  it('attack 56: is refused as our own address, as one outside, with a password in it, and under a name of ours', async () => {
    const server = await startComposed();
    const { port } = new URL(server.address);
    const cases = [
      { url: `http://127.0.0.1:${port}/v1` },
      { url: `http://localhost:${port}` },
      { url: `http://127.1:${port}` },
      { url: 'https://1.1.1.1/v1' },
      { url: 'http://169.254.169.254/latest', mayLeave: true },
      { url: 'http://me:secret@127.0.0.1:9' },
      { url: 'file:///etc/passwd' },
      { url: 'http://127.0.0.1:9', name: 'builtin' },
    ];
    for (const wish of cases) {
      await expect(server.admin('POST', '/upstreams', { name: 'x', ...wish }), wish.url).rejects.toThrow(
        /: 400 /,
      );
    }
    expect(await server.admin('GET', '/upstreams')).toEqual([]);
  });

  it('keeps its key sealed, tells it to nobody and sends it to no other address', async () => {
    const secret = 'sk-upstream-canary-0815';
    const fake = await startFakeUpstream({ apiKey: secret });
    const other = await startFakeUpstream();
    onTestFinished(async () => await Promise.all([fake.close(), other.close()]).then(() => {}));
    const server = await startComposed();
    const added = await server.admin('POST', '/upstreams', { name: 'box', url: fake.url, apiKey: secret });
    expect(added).toMatchObject({ state: 'ready', models: ['fake-large'] });
    expect(JSON.stringify(await server.admin('GET', '/upstreams'))).not.toContain('canary');
    for (const name of ['inglenook.db', 'inglenook.db-wal', 'server.key']) {
      expect(readFileSync(join(server.dataDir, name)).includes('canary')).toBe(false);
    }
    expect(statSync(join(server.dataDir, 'server.key')).mode & 0o777).toBe(0o600);
    const key = await keyOf(server);
    expect((await post(server, { key }, 'chat/completions', { model: 'fake-large', ...hi })).status).toBe(
      200,
    );
    expect(fake.seen[0]?.headers.authorization).toBe(`Bearer ${secret}`);
    expect(JSON.stringify(fake.seen)).not.toContain(key);
    await server.admin('PATCH', '/upstreams/box', { url: other.url });
    await post(server, { key }, 'chat/completions', { model: 'fake-large', ...hi });
    expect(other.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it('is known after a restart before it was asked, and running answers outlive its removal', async () => {
    const fake = await startFakeUpstream({ mode: 'holds' });
    onTestFinished(async () => await fake.close());
    const server = await startComposed();
    await server.admin('POST', '/upstreams', { name: 'box', url: fake.url });
    const key = await keyOf(server);
    const response = await post(server, { key }, 'chat/completions', {
      model: 'fake-large',
      stream: true,
      ...hi,
    });
    await server.admin('DELETE', '/upstreams/box');
    fake.release();
    expect(await response.text()).toContain('[DONE]');
    expect((await post(server, { key }, 'chat/completions', { model: 'fake-large', ...hi })).status).toBe(
      404,
    );
  });
});
