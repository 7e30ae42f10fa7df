import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WireOllamaState } from '../../server/wire/ollama.ts';
import { startComposed, type ComposedServer } from '../fakes/composed.ts';
import {
  createModels,
  environmentIn,
  listenersAt,
  loadedAt,
  makeHome,
  model,
  otherModel,
  runnersIn,
  startTheirs,
} from './real-ollama.ts';

/**
 * The real Ollama with the starter model, which is made known to it from its file: nothing is fetched. What came of it
 * stands in docs/tested-with.md, anew for each version.
 */

let home: Awaited<ReturnType<typeof makeHome>>;

beforeAll(async () => {
  home = await makeHome();
  const theirs = await startTheirs(home.folder);
  try {
    await createModels(home.folder, theirs.address);
  } finally {
    await theirs.end();
  }
});
afterAll(async () => await home.remove());

type Office = {
  readonly server: ComposedServer;
  readonly client: OpenAI;
  readonly set: (change: object) => Promise<WireOllamaState>;
  readonly address: string;
};

/** A whole server with Ollama set so; ended with the test. */
async function startOffice(settings: object, theirs?: string): Promise<Office> {
  const server = await startComposed({ environment: environmentIn(home.folder, theirs) });
  const set = async (change: object): Promise<WireOllamaState> =>
    (await server.admin('PATCH', '/ollama', change)) as WireOllamaState;
  const { address, state, reason } = await set(settings);
  expect([state, reason]).toEqual(['ready', null]);
  const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
  const client = new OpenAI({ apiKey: key, baseURL: `${server.address}/v1`, maxRetries: 0 });
  return { server, client, set, address: address ?? '' };
}

const own = { use: 'own', requestsAtOnce: 2, modelsAtOnce: 2, keepAliveMinutes: 7, contextTokens: 2048 };
const messages = [{ role: 'user' as const, content: 'Say hello.' }];
const asked = { model, messages, max_tokens: 12, temperature: 0 };

type Queue = { readonly active: number; readonly waiting: readonly unknown[] };
type Listed = {
  readonly id: string;
  readonly state: string;
  readonly contextTokens: number;
  readonly slots: number;
};

describe('an Ollama of our own', () => {
  it('is found, started on loopback alone, lists its models, and is stopped', async () => {
    const { server, set, address } = await startOffice(own);
    const state = (await server.admin('GET', '/ollama')) as WireOllamaState;
    expect(state).toMatchObject({
      found: 'installed',
      program: join(home.folder, 'ollama'),
      theirs: null,
      version: expect.stringMatching(/^\d+\.\d+/),
      warnings: [],
      settings: own,
    });
    const { port, hostname } = new URL(address);
    expect(hostname).toBe('127.0.0.1');
    if (process.platform === 'linux') {
      expect((await listenersAt(Number(port))).map((local) => local.split(':')[0])).toEqual(['0100007F']);
    }
    const models = (await server.admin('GET', '/models')) as Listed[];
    for (const id of [model, otherModel]) {
      expect(models.find((one) => one.id === id)).toMatchObject({
        contextTokens: 2048,
        slots: 2,
        state: 'off',
      });
    }
    expect(await set({ use: 'none' })).toMatchObject({ state: 'off', address: null });
    await expect(fetch(`${address}/api/version`)).rejects.toThrow();
  });

  it('answers the same whole and streamed, with its usage', async () => {
    const { client } = await startOffice(own);
    const whole = await client.chat.completions.create(asked);
    expect(whole.usage?.prompt_tokens).toBeGreaterThan(5);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    expect(whole.choices[0]?.message.content).not.toBe('');
    const stream = await client.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens = 0;
    let frames = 0;
    for await (const chunk of stream) {
      const said = chunk.choices[0]?.delta.content ?? '';
      text += said;
      if (said !== '') frames += 1;
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect([text, tokens]).toEqual([whole.choices[0]?.message.content, whole.usage?.completion_tokens]);
    expect(frames).toBeGreaterThan(3);
    const raw = await client.completions.create({ model, prompt: 'One two three', max_tokens: 4 });
    expect(raw.choices[0]?.text).not.toBe('');
  });

  it('is really given the context and the keep-alive, also when they are changed', async () => {
    const { server, client, set, address } = await startOffice(own);
    await client.chat.completions.create(asked);
    const [before] = await loadedAt(address);
    expect(before).toMatchObject({ name: model, context_length: 2048 });
    const keptMinutes = (Date.parse(before?.expires_at ?? '') - Date.now()) / 60_000;
    expect(Math.round(keptMinutes)).toBe(7);
    // Read at its start, it would take this Ollama minutes: it is only counted.
    const long = [{ role: 'user' as const, content: 'word '.repeat(3000) }];
    await expect(client.chat.completions.create({ ...asked, messages: long })).rejects.toMatchObject({
      status: 400,
    });
    await set({ contextTokens: 4096 });
    await client.chat.completions.create(asked);
    expect(await loadedAt(address)).toMatchObject([{ name: model, context_length: 4096 }]);
    const listed = (await server.admin('GET', '/models')) as Listed[];
    expect(listed.find(({ id }) => id === model)).toMatchObject({ contextTokens: 4096, state: 'ready' });
  });

  it('loads and unloads as it is told', async () => {
    const { server, address } = await startOffice(own);
    await server.admin('POST', `/models/${encodeURIComponent(model)}/load`);
    await expect
      .poll(async () => await loadedAt(address), { timeout: 60_000 })
      .toMatchObject([{ name: model }]);
    await server.admin('POST', `/models/${encodeURIComponent(model)}/unload`);
    await expect.poll(async () => await loadedAt(address), { timeout: 20_000 }).toEqual([]);
    const listed = (await server.admin('GET', '/models')) as Listed[];
    expect(listed.find(({ id }) => id === model)).toMatchObject({ state: 'off' });
  });

  it('is held to a call where one is required, and says what its model cannot do', async () => {
    const { client } = await startOffice(own);
    const parameters = {
      type: 'object',
      properties: { who: { type: 'string', enum: ['Ann', 'Bob'] } },
      required: ['who'],
    };
    const tools = [{ type: 'function' as const, function: { name: 'greet', parameters } }];
    const forced = await client.chat.completions.create({
      ...asked,
      max_tokens: 80,
      tools,
      tool_choice: 'required',
    });
    const [call] = forced.choices[0]?.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('no call of a function');
    expect([forced.choices[0]?.finish_reason, call.function.name]).toEqual(['tool_calls', 'greet']);
    expect(['Ann', 'Bob']).toContain(JSON.parse(call.function.arguments).who);
    // The starter model's template knows no tools.
    await expect(client.chat.completions.create({ ...asked, tools })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('tools'),
    });
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    };
    const shaped = await client.chat.completions.create({
      ...asked,
      max_tokens: 60,
      response_format: { type: 'json_schema', json_schema: { name: 'number', schema, strict: true } },
    });
    expect(JSON.parse(shaped.choices[0]?.message.content ?? '')).toEqual({ n: expect.any(Number) });
  });

  it('gives vectors of length one, one for each text', async () => {
    const { client } = await startOffice(own);
    const { data, usage } = await client.embeddings.create({ model, input: ['one', 'two'] });
    expect(data.map(({ embedding }) => Math.round(Math.hypot(...embedding) * 1000))).toEqual([1000, 1000]);
    expect(data[0]?.embedding).not.toEqual(data[1]?.embedding);
    expect(usage.prompt_tokens).toBeGreaterThan(0);
  });

  it('answers two at the same time, and the third waits with us', async () => {
    const { server, client } = await startOffice(own);
    await client.chat.completions.create(asked);
    const order: number[] = [];
    const ask = async (who: number): Promise<string> => {
      const stream = await client.chat.completions.create({
        ...asked,
        messages: [{ role: 'user', content: 'Count from one to a hundred.' }],
        max_tokens: 60,
        stream: true,
      });
      let text = '';
      for await (const chunk of stream) {
        const said = chunk.choices[0]?.delta.content ?? '';
        if (said !== '') order.push(who);
        text += said;
      }
      return text;
    };
    const asking = [1, 2, 3].map(ask);
    await expect
      .poll(async () => {
        const queues = (await server.admin('GET', '/queue')) as Queue[];
        return queues.map(({ active, waiting }) => [active, waiting.length]);
      })
      .toEqual([[2, 1]]);
    const answers = await Promise.all(asking);
    expect(answers.filter((text) => text.length < 20)).toEqual([]);
    // The first two are written at the same time: each begins before the other ends.
    const [first = 0] = order;
    const second = order.find((who) => who !== first) ?? 0;
    expect(order.indexOf(second)).toBeLessThan(order.lastIndexOf(first));
  });

  it('with room for one model swaps two back and forth, and answers all', async () => {
    const { client, address } = await startOffice({ ...own, modelsAtOnce: 1 });
    const turns = [model, otherModel, model, otherModel, model, otherModel];
    const answers = await Promise.all(
      turns.map(async (one) => await client.chat.completions.create({ ...asked, model: one, max_tokens: 4 })),
    );
    expect(answers.map((answer) => answer.model)).toEqual(turns);
    expect(answers.every(({ usage }) => (usage?.completion_tokens ?? 0) > 0)).toBe(true);
    expect(await loadedAt(address)).toHaveLength(1);
  });

  it('stops computing when the reader leaves', async () => {
    const { server, client } = await startOffice(own);
    const stream = await client.chat.completions.create({ ...asked, max_tokens: 2000, stream: true });
    for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
    await expect
      .poll(async () => ((await server.admin('GET', '/status')) as { activeRequests: number }).activeRequests)
      .toBe(0);
    const [row] = (await server.admin('GET', '/log?limit=1')) as {
      status: string;
      completionTokens: number;
    }[];
    expect(row?.status).toBe('cancelled');
    expect(row?.completionTokens).toBeLessThan(500);
    // It has its slot again.
    expect((await client.chat.completions.create(asked)).usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('that is killed is started again', async () => {
    const { server, client, address } = await startOffice(own);
    await client.chat.completions.create(asked);
    process.kill(Number(readFileSync(join(server.dataDir, 'ollama.pid'), 'utf8')), 'SIGKILL');
    await expect(fetch(`${address}/api/version`).then(() => 'answers')).rejects.toThrow();
    // Nobody is told meanwhile that the model does not exist.
    expect((await client.chat.completions.create(asked)).usage?.completion_tokens).toBeGreaterThan(0);
    // What computed for the one that was killed is not left in memory.
    if (process.platform === 'linux') expect(runnersIn(home.folder)).toHaveLength(1);
  });
});

describe('somebody’s own Ollama', () => {
  it('is used as it is, and left as it is', async () => {
    const theirs = await startTheirs(home.folder);
    try {
      const { server, client, set, address } = await startOffice(
        { use: 'theirs', contextTokens: 1024 },
        new URL(theirs.address).host,
      );
      expect(address).toBe(theirs.address);
      expect(await server.admin('GET', '/ollama')).toMatchObject({ found: 'running', theirs: { address } });
      const answers = await Promise.all(
        [model, otherModel].map(
          async (one) => await client.chat.completions.create({ ...asked, model: one }),
        ),
      );
      expect(answers.every(({ usage }) => (usage?.completion_tokens ?? 0) > 0)).toBe(true);
      expect(await loadedAt(address)).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: model, context_length: 1024 })]),
      );
      await set({ requestsAtOnce: 8, keepAliveMinutes: 1 });
      await set({ use: 'none' });
      await server.stop(0);
      expect([theirs.child.exitCode, theirs.child.signalCode]).toEqual([null, null]);
      expect((await loadedAt(address)).length).toBeGreaterThan(0);
    } finally {
      await theirs.end();
    }
  });
});
