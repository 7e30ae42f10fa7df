import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noSettings } from '../../../server/core/alias.ts';
import { AppError } from '../../../server/core/errors.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { gate } from '../http/harness.ts';

type Named = { readonly id?: string; readonly name?: string };

async function createKey(server: ComposedServer, models: readonly string[] | null = null): Promise<string> {
  const made = await server.admin('POST', '/keys', { name: `key ${String(models)}`, models });
  return (made as { key: string }).key;
}

function ask(server: ComposedServer, key: string, body: Record<string, unknown>): Promise<Response> {
  return fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...body }),
  });
}

const get = (server: ComposedServer, key: string, path: string): Promise<Response> =>
  fetch(server.address + path, { headers: { authorization: `Bearer ${key}` } });

async function idsFor(server: ComposedServer, key: string): Promise<string[]> {
  const list = (await (await get(server, key, '/v1/models')).json()) as { data: { id: string }[] };
  return list.data.map(({ id }) => id);
}

async function textOf(response: Response): Promise<string> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
  return frames.map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta.content ?? '').join('');
}

const plain = { shares: [], settings: noSettings };
const twoModels = { models: ['model-a', 'model-b'] };

test('the four names answer from the first minute, and the log says by what', async () => {
  const server = await startComposed();
  const key = await createKey(server);
  const answer = await ask(server, key, { model: 'office' });
  expect([answer.status, answer.headers.get('x-inglenook-model')]).toEqual([200, 'fake-model']);
  expect(await answer.json()).toMatchObject({ model: 'office' });
  expect(await server.admin('GET', '/log')).toMatchObject([
    { model: 'office', servedModel: 'fake-model', tried: ['fake-model'] },
  ]);
  expect(await server.admin('GET', '/aliases')).toEqual(
    ['office', 'office-autocomplete', 'office-code', 'office-embed'].map((name) => ({
      name,
      model: 'fake-model',
      fallback: [],
      builtIn: true,
      isTestModel: true,
      ...plain,
    })),
  );
});

test('moving a name under fifty streams: they finish on the old model, the next ones begin on the new', async () => {
  const held = gate();
  const server = await startComposed({
    engine: {
      ...twoModels,
      slots: 64,
      answer: ({ model }) => ({ words: [`${model} `, model] }),
      beforePart: (index) => (index === 2 ? held.opened : undefined),
    },
  });
  const key = await createKey(server);
  const fifty = (): Promise<Response>[] =>
    Array.from({ length: 50 }, () => ask(server, key, { model: 'office', stream: true }));
  await server.admin('PUT', '/aliases/office', { model: 'model-a' });
  const before = await Promise.all(fifty());
  expect(server.engine.seen.active).toBe(50);
  await server.admin('PUT', '/aliases/office', { model: 'model-b' });
  const after = await Promise.all(fifty());
  held.open();
  expect(new Set(await Promise.all(before.map(textOf)))).toEqual(new Set(['model-a model-a']));
  expect(new Set(await Promise.all(after.map(textOf)))).toEqual(new Set(['model-b model-b']));
  const rows = (await server.admin('GET', '/log?limit=200')) as { servedModel: string; status: string }[];
  expect(rows.map(({ servedModel, status }) => `${servedModel} ${status}`).sort()).toEqual([
    ...Array.from({ length: 50 }, () => 'model-a ok'),
    ...Array.from({ length: 50 }, () => 'model-b ok'),
  ]);
});

test('a fallback that serves shows in the headers and the log', async () => {
  const server = await startComposed({
    engine: {
      ...twoModels,
      beforeReady: (model) => {
        if (model === 'model-a') throw new AppError('No memory.', { status: 503, code: 'model_unavailable' });
      },
    },
  });
  const key = await createKey(server);
  await server.admin('PUT', '/aliases/office', { model: 'model-a', fallback: ['model-b'] });
  const answer = await ask(server, key, { model: 'office' });
  expect([answer.headers.get('x-inglenook-model'), answer.headers.get('x-inglenook-tried')]).toEqual([
    'model-b',
    'model-a,model-b',
  ]);
  expect(await server.admin('GET', '/log')).toMatchObject([
    { model: 'office', servedModel: 'model-b', status: 'ok', tried: ['model-a', 'model-b'] },
  ]);
});

describe('what a key may use', () => {
  test('is what it names: an alias by its name, a model by its id, all else is unknown to it', async () => {
    const server = await startComposed({ engine: twoModels });
    const byAlias = await createKey(server, ['office']);
    const byId = await createKey(server, ['model-b']);
    expect(await idsFor(server, byAlias)).toEqual(['office']);
    expect(await idsFor(server, byId)).toEqual(['model-b']);
    expect((await ask(server, byAlias, { model: 'office' })).status).toBe(200);
    expect((await ask(server, byId, { model: 'model-b' })).status).toBe(200);
    const refused = async (key: string, model: string) => {
      const response = await ask(server, key, { model });
      return [response.status, (await response.text()).replaceAll(model, 'X')];
    };
    const unknown = await refused(byAlias, 'no-such-model');
    expect(unknown[0]).toBe(404);
    expect(await refused(byAlias, 'model-a')).toEqual(unknown);
    expect(await refused(byId, 'office')).toEqual(unknown);
    // Near a name this key may use, whether or not somebody has defined it.
    const near = await refused(byAlias, 'office-core');
    expect(near[1]).toContain('Did you mean `office`?');
    expect(await refused(byAlias, 'office-code')).toEqual(near);
    expect((await get(server, byId, '/v1/models/office')).status).toBe(404);
  });
});

describe('/v1/models', () => {
  test('lists aliases as models, once each, with the context of what serves them', async () => {
    const server = await startComposed({ engine: { ...twoModels, contextTokens: 2048 } });
    const key = await createKey(server);
    await server.admin('PUT', `/aliases/${encodeURIComponent('nobody serves this')}`, { model: 'later' });
    expect(await idsFor(server, key)).toEqual([
      'model-a',
      'model-b',
      'office',
      'office-autocomplete',
      'office-code',
      'office-embed',
    ]);
    await ask(server, key, { model: 'office' });
    expect(await (await get(server, key, '/v1/models/office')).json()).toEqual({
      id: 'office',
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'inglenook',
      name: 'office',
      capabilities: ['completion', 'tools'],
      context_length: 2048,
      max_model_len: 2048,
      max_output_tokens: 2048,
    });
  });

  test('shows a name with a slash and spaces, raw and percent-encoded', async () => {
    const server = await startComposed();
    const key = await createKey(server);
    const name = 'Büro/chat model:1 50%';
    await server.admin('PUT', `/aliases/${encodeURIComponent(name)}`, { model: 'fake-model' });
    for (const path of [encodeURIComponent(name), 'B%C3%BCro/chat%20model:1%2050%25']) {
      expect(await (await get(server, key, `/v1/models/${path}`)).json()).toMatchObject({ id: name });
    }
  });
});

describe('the admin API', () => {
  test('warns of models that are not there yet, and removes', async () => {
    const server = await startComposed();
    const saved = await server.admin('PUT', '/aliases/new', {
      model: 'later',
      fallback: ['fake-model', 'never'],
    });
    expect(saved).toEqual({
      name: 'new',
      model: 'later',
      fallback: ['fake-model', 'never'],
      builtIn: false,
      isTestModel: true,
      ...plain,
      warnings: [expect.stringContaining('“later”'), expect.stringContaining('“never”')],
    });
    expect(await server.admin('DELETE', '/aliases/new')).toBeNull();
    const left = (await server.admin('GET', '/aliases')) as Named[];
    expect(left.map(({ name }) => name)).not.toContain('new');
  });

  test.each([
    ['DELETE', '/aliases/office', undefined, '409'],
    ['DELETE', '/aliases/nothing', undefined, '404'],
    ['PUT', '/aliases/fake-model', { model: 'x' }, '409'],
    ['PUT', '/aliases/office', { model: 'office-code', fallback: ['office'] }, '400'],
    ['PUT', '/aliases/a', { model: 'x', settings: { temperature: 3 } }, '400'],
    ['DELETE', '/unknown-names/nobody', undefined, '404'],
    ['PUT', '/aliases/a%0Ab', { model: 'x' }, '400'],
    ['PUT', '/aliases/a', { model: '' }, '400'],
    ['PUT', '/aliases/a', { model: 'x', fallbacks: [] }, '400'],
  ])('%s %s %j is refused with %s', async (method, path, body, status) => {
    const server = await startComposed();
    await expect(server.admin(method, path, body)).rejects.toThrow(`${method} ${path}: ${status}`);
  });

  test('announces every change to open consoles', async () => {
    const server = await startComposed();
    const events = await openEvents(server);
    await server.admin('PUT', '/aliases/a', { model: 'x' });
    await server.admin('DELETE', '/aliases/a');
    expect(await events.count('aliases-changed', 2)).toBe(2);
  });
});

/** The live view of one console. */
async function openEvents(
  server: ComposedServer,
): Promise<{ readonly count: (type: string, wanted: number) => Promise<number> }> {
  const token = readFileSync(join(server.dataDir, 'admin.token'), 'utf8').trim();
  const response = await fetch(`${server.address}/api/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    count: async (type, wanted) => {
      const seen = (): number => text.split(`"type":"${type}"`).length - 1;
      while (seen() < wanted) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) break;
        text += value;
      }
      await reader?.cancel();
      return seen();
    },
  };
}
