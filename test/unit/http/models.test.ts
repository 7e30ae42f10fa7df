import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { setAlias } from '../../../server/store/aliases.ts';
import { createKey } from '../../../server/store/keys.ts';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { startTestServer, type TestServer } from './harness.ts';

const created = { created: 1_700_000_000, created_at: '2023-11-14T22:13:20.000Z' };

/** With a key for the engine's own models: the four names of the office are left out. */
async function start(engine: FakeEngineOptions = {}): Promise<TestServer> {
  const server = await startTestServer(engine);
  return { ...server, key: keyFor(server, engine.models ?? ['fake-model']) };
}

function keyFor(server: TestServer, models: readonly string[]): string {
  return createKey(server.store, { name: `for ${models.join()}`, models: [...models] }, Date.now()).key;
}

type Got = { readonly status: number; readonly etag: string | null; readonly body: unknown };

async function get(server: TestServer, path: string, headers: Record<string, string> = {}): Promise<Got> {
  const response = await fetch(server.url + path, {
    headers: { authorization: `Bearer ${server.key}`, ...headers },
  });
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    body: await response.json(),
  };
}

/** So that its context is known. */
async function load(server: TestServer): Promise<void> {
  await server.engine.ensureReady('fake-model', new AbortController().signal);
}

describe('the list of models', () => {
  test('is OpenAI’s, with what tools look for; what is not known is left out', async () => {
    const server = await start();
    const model = {
      id: 'fake-model',
      object: 'model',
      created: created.created,
      owned_by: 'inglenook',
      name: 'fake-model',
      capabilities: ['completion', 'tools'],
    };
    expect((await get(server, '/v1/models')).body).toEqual({ object: 'list', data: [model] });
    await load(server);
    const known = { ...model, context_length: 4096, max_model_len: 4096, max_output_tokens: 4096 };
    expect((await get(server, '/models')).body).toEqual({ object: 'list', data: [known] });
    expect((await get(server, '/v1/models/fake-model')).body).toEqual(known);
  });

  test('is Anthropic’s for a client that says its version', async () => {
    const server = await start({ models: ['fake-model', 'other'] });
    await load(server);
    const client = new Anthropic({ baseURL: server.url, apiKey: server.key, maxRetries: 0 });
    const listed: Anthropic.ModelInfo[] = [];
    for await (const model of client.models.list()) listed.push(model);
    const info = {
      id: 'fake-model',
      type: 'model',
      display_name: 'fake-model',
      created_at: created.created_at,
      max_input_tokens: 4096,
      max_tokens: 4096,
      capabilities: null,
      lifecycle: 'active',
      line: null,
      deprecated_at: null,
      retires_at: null,
    };
    expect(listed).toEqual([
      expect.objectContaining(info),
      expect.objectContaining({
        ...info,
        id: 'other',
        display_name: 'other',
        max_input_tokens: null,
        max_tokens: null,
      }),
    ]);
    expect(await client.models.retrieve('fake-model')).toMatchObject(info);
    const { body } = await get(server, '/v1/models', { 'anthropic-version': '2023-06-01' });
    expect(body).toMatchObject({ has_more: false, first_id: 'fake-model', last_id: 'other' });
  });

  test('bears the catalogue for Codex', async () => {
    const server = await start();
    await load(server);
    const { body, etag } = await get(server, '/v1/models?client_version=0.169.0');
    expect(etag).toMatch(/".+"/);
    expect(body).toMatchObject({
      object: 'list',
      data: [{ id: 'fake-model' }],
      models: [
        {
          slug: 'fake-model',
          display_name: 'fake-model',
          context_window: 4096,
          supported_in_api: true,
          visibility: 'list',
          priority: 0,
          shell_type: 'shell_command',
          truncation_policy: { mode: 'tokens', limit: 1024 },
          base_instructions: expect.stringContaining('coding agent'),
          supported_reasoning_levels: [],
        },
      ],
    });
  });

  test('has only what the key may use, and may be empty', async () => {
    const server = await start({ models: ['fake-model', 'other'] });
    setAlias(server.store, { name: 'team/one:x', model: 'other', fallback: [] }, []);
    const idsFor = async (models: readonly string[]) => {
      const key = keyFor(server, models);
      const { status, body } = await get(server, '/v1/models', { authorization: `Bearer ${key}` });
      return [status, (body as { data: { id: string }[] }).data.map(({ id }) => id)];
    };
    expect(await idsFor(['other', 'team/one:x'])).toEqual([200, ['other', 'team/one:x']]);
    expect(await idsFor(['gone'])).toEqual([200, []]);
    const headers = { authorization: `Bearer ${keyFor(server, ['team/one:x'])}` };
    for (const path of ['/v1/models/team/one:x', '/v1/models/team%2Fone%3Ax'])
      expect((await get(server, path, headers)).body).toMatchObject({ id: 'team/one:x' });
  });

  test.each([
    ['/v1/models', { authorization: 'Bearer wrong' }, 401, 'authentication_error'],
    ['/v1/models/nobody', {}, 404, 'not_found_error'],
  ])('refuses %s with %j in the client’s own shape', async (path, headers, status, type) => {
    const server = await start();
    const openAi = await get(server, path, headers);
    expect(openAi).toMatchObject({
      status,
      body: { error: { code: expect.any(String), param: status === 404 ? 'model' : null } },
    });
    const anthropic = await get(server, path, { ...headers, 'anthropic-version': '2026-10-21' });
    expect(anthropic).toMatchObject({
      status,
      body: { type: 'error', error: { type }, request_id: expect.stringMatching(/^req_/) },
    });
  });
});

test.each(['/', '/api/hello'])('the probe of %s without a key is answered', async (path) => {
  const server = await start();
  for (const method of ['HEAD', 'GET']) {
    const { status } = await fetch(server.url + path, { method, redirect: 'manual' });
    expect([method, status]).toEqual([method, path === '/' ? 302 : 200]);
  }
});
