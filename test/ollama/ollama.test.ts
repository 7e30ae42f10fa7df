import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startComposed, type ComposedServer } from '../fakes/composed.ts';
import type { WireOllamaState } from '../../server/wire/ollama.ts';

/**
 * The real Ollama, started by us, with the starter model made known to it from its file: nothing is fetched. Written down
 * in docs/decisions/2026-11-23-gateway.md after each new version.
 */

const program = process.env['INGLENOOK_TEST_OLLAMA'] ?? '';
const model = 'starter:latest';

let folder: string;
let server: ComposedServer;
let client: OpenAI;
let state: WireOllamaState;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inglenook-real-ollama-'));
  await symlink(program, join(folder, 'ollama'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function begin(): Promise<void> {
  server = await startComposed({
    environment: {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      OLLAMA_HOST: '127.0.0.1:9',
      OLLAMA_MODELS: join(folder, 'models'),
    },
  });
  state = (await server.admin('PATCH', '/ollama', {
    use: 'own',
    requestsAtOnce: 2,
    contextTokens: 2048,
  })) as WireOllamaState;
  expect(state).toMatchObject({ state: 'ready', version: expect.stringMatching(/^\d+\.\d+/) });
  await create();
  await server.admin('PATCH', '/ollama', { use: 'none' });
  state = (await server.admin('PATCH', '/ollama', { use: 'own' })) as WireOllamaState;
  const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
  client = new OpenAI({ apiKey: key, baseURL: `${server.address}/v1`, maxRetries: 0 });
}

/** `ollama create`, which needs no network. */
async function create(): Promise<void> {
  const file = resolve('resources/models/SmolLM2-135M-Instruct.Q4_1.gguf');
  await writeFile(join(folder, 'Modelfile'), `FROM ${file}\n`);
  const child = spawn(program, ['create', 'starter', '-f', join(folder, 'Modelfile')], {
    env: { ...process.env, HOME: folder, OLLAMA_HOST: new URL(state.address ?? '').host },
    stdio: 'ignore',
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
}

describe('the real Ollama', () => {
  it('is started, answers whole and streamed with its usage, is really given the context, and is stopped', async () => {
    await begin();
    const models = (await server.admin('GET', '/models')) as {
      id: string;
      contextTokens: number;
      slots: number;
    }[];
    expect(models.find(({ id }) => id === model)).toMatchObject({ contextTokens: 2048, slots: 2 });
    const messages = [{ role: 'user' as const, content: 'Say hello.' }];
    const whole = await client.chat.completions.create({ model, messages, max_tokens: 12, temperature: 0 });
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    expect(whole.usage?.prompt_tokens).toBeGreaterThan(5);
    expect(whole.choices[0]?.message.content).not.toBe('');
    const stream = await client.chat.completions.create({
      model,
      messages,
      max_tokens: 12,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect([text, tokens]).toEqual([whole.choices[0]?.message.content, whole.usage?.completion_tokens]);

    const running = (await (await fetch(`${state.address}/api/ps`)).json()) as {
      models: { name: string; context_length: number }[];
    };
    expect(running.models).toMatchObject([{ name: model, context_length: 2048 }]);
    const long = [{ role: 'user' as const, content: 'word '.repeat(4000) }];
    await expect(
      client.chat.completions.create({ model, messages: long, max_tokens: 4 }),
    ).rejects.toMatchObject({ status: 400 });

    const [forced] = (
      await client.chat.completions.create({
        model,
        messages,
        max_tokens: 80,
        tools: [
          {
            type: 'function',
            function: {
              name: 'greet',
              parameters: { type: 'object', properties: { who: { type: 'string' } }, required: ['who'] },
            },
          },
        ],
        tool_choice: 'required',
      })
    ).choices;
    expect(forced?.message.tool_calls?.[0]).toMatchObject({ type: 'function', function: { name: 'greet' } });

    const vectors = await client.embeddings.create({ model, input: ['one', 'two'] });
    expect(vectors.data.map(({ embedding }) => Math.round(Math.hypot(...embedding) * 1000))).toEqual([
      1000, 1000,
    ]);

    await server.admin('POST', `/models/${encodeURIComponent(model)}/unload`);
    const after = (await (await fetch(`${state.address}/api/ps`)).json()) as { models: unknown[] };
    expect(after.models).toEqual([]);
    await server.admin('PATCH', '/ollama', { use: 'none' });
    await expect(fetch(`${state.address}/api/version`)).rejects.toThrow();
  });
});
