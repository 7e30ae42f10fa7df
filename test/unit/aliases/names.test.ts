import { describe, expect, test } from 'vitest';
import type { GenerateRequest } from '../../../server/core/generate.ts';
import { nearestNames } from '../../../server/core/nearest.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

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

const point = (server: ComposedServer, name: string, body: Record<string, unknown>): Promise<unknown> =>
  server.admin('PUT', `/aliases/${encodeURIComponent(name)}`, body);

const servedBy = (response: Response): string | null => response.headers.get('x-inglenook-model');

describe('the names nearest to one that does not exist', () => {
  const names = ['gpt-4o', 'gpt-4o-mini', 'office', 'office-code', 'smollm2-135m-instruct', 'Qwen/Qwen3-8B'];
  test.each([
    ['gpt-4o-mni', ['gpt-4o-mini', 'gpt-4o']],
    ['GPT 4o', ['gpt-4o', 'gpt-4o-mini']],
    ['openai/gpt-4o-mini', ['gpt-4o-mini', 'gpt-4o']],
    ['ofice', ['office']],
    ['smollm2', ['smollm2-135m-instruct']],
    ['qwen3:8b', ['Qwen/Qwen3-8B']],
    ['claude-sonnet', []],
    ['', []],
    ['x'.repeat(10_000), []],
  ])('%s', (wanted, nearest) => {
    expect(nearestNames(wanted, names)).toEqual(nearest);
  });
});

describe('a name nobody has defined', () => {
  test('is 404 with the nearest names, is kept for the owner, and forgotten once it leads somewhere', async () => {
    const server = await startComposed();
    const key = await createKey(server);
    for (const model of ['gpt-4o-mini', 'ofice', 'gpt-4o-mini']) {
      expect((await ask(server, key, { model })).status).toBe(404);
    }
    const answer = (await (await ask(server, key, { model: 'ofice' })).json()) as {
      error: { message: string };
    };
    expect(answer.error.message).toBe(
      'The model `ofice` does not exist or you do not have access to it. Did you mean `office`?',
    );
    const kept = (await server.admin('GET', '/unknown-names')) as { name: string }[];
    expect(kept.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
      { name: 'gpt-4o-mini', requests: 2, key: 'key null' },
      { name: 'ofice', requests: 2, key: 'key null' },
    ]);
    await point(server, 'gpt-*', { model: 'office' });
    expect(await server.admin('GET', '/unknown-names')).toMatchObject([{ name: 'ofice' }]);
    expect(servedBy(await ask(server, key, { model: 'gpt-4o-mini' }))).toBe('fake-model');
    await server.admin('DELETE', '/unknown-names/ofice');
    expect(await server.admin('GET', '/unknown-names')).toEqual([]);
  });

  test('what exists and is not for the key is not kept, and hears the same words on every route', async () => {
    const server = await startComposed({ engine: { models: ['model-a', 'model-b'] } });
    const key = await createKey(server, ['model-a']);
    const words = async (response: Promise<Response>, name: string): Promise<string> =>
      (await (await response).text()).replaceAll(name, 'X');
    const show = (name: string): Promise<Response> =>
      fetch(`${server.address}/v1/models/${name}`, { headers: { authorization: `Bearer ${key}` } });
    const forbidden = await words(ask(server, key, { model: 'model-b' }), 'model-b');
    expect(await words(ask(server, key, { model: 'model-c' }), 'model-c')).toBe(forbidden);
    expect(await words(show('model-b'), 'model-b')).toBe(forbidden);
    expect(await words(show('model-c'), 'model-c')).toBe(forbidden);
    expect(forbidden).toContain('Did you mean `model-a`?');
    expect(await server.admin('GET', '/unknown-names')).toMatchObject([{ name: 'model-c', requests: 2 }]);
  });

  test('a program that makes names up fills nothing', async () => {
    const server = await startComposed();
    const key = await createKey(server);
    for (let count = 0; count < 205; count += 1) await ask(server, key, { model: `made-up-${count}` });
    await ask(server, key, { model: 'x'.repeat(201) });
    const kept = (await server.admin('GET', '/unknown-names')) as { name: string }[];
    expect(kept).toHaveLength(200);
    expect(kept.map(({ name }) => name)).toContain('made-up-204');
  });
});

test('the usual names are added with one call and follow the four; names that lead somewhere stay', async () => {
  const server = await startComposed({ engine: { models: ['model-a', 'model-b'] } });
  const key = await createKey(server);
  await point(server, 'gpt-4o', { model: 'model-b' });
  const first = (await server.admin('POST', '/aliases/usual-names')) as { added: string[]; kept: string[] };
  expect([first.added.includes('gpt-4o-mini'), first.kept]).toEqual([true, ['gpt-4o']]);
  expect((await server.admin('POST', '/aliases/usual-names')) as object).toMatchObject({ added: [] });
  await point(server, 'office', { model: 'model-a' });
  expect(servedBy(await ask(server, key, { model: 'gpt-4o-mini' }))).toBe('model-a');
  await point(server, 'office', { model: 'model-b' });
  expect(servedBy(await ask(server, key, { model: 'gpt-4o-mini' }))).toBe('model-b');
});

describe('a pattern', () => {
  test('carries what its star stood for, after models and exact names; `*` takes the rest', async () => {
    const server = await startComposed({ engine: { models: ['model-a', 'model-b', 'gpt-real'] } });
    const key = await createKey(server);
    await point(server, 'openai/*', { model: '*' });
    await point(server, 'gpt-*', { model: 'model-a' });
    expect(servedBy(await ask(server, key, { model: 'openai/model-b' }))).toBe('model-b');
    expect(servedBy(await ask(server, key, { model: 'openai/gpt-4' }))).toBe('model-a');
    expect(servedBy(await ask(server, key, { model: 'gpt-real' }))).toBe('gpt-real');
    expect((await ask(server, key, { model: 'whatever' })).status).toBe(404);
    await point(server, '*', { model: 'model-b' });
    expect(servedBy(await ask(server, key, { model: 'whatever' }))).toBe('model-b');
    const listed = await fetch(`${server.address}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await listed.text()).not.toContain('*');
    const shown = await fetch(`${server.address}/v1/models/whatever`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await shown.json()).toMatchObject({ id: 'whatever' });
  });
});

describe('settings of a name', () => {
  test('hold where the client says nothing; the system prompt is put before its words', async () => {
    const server = await startComposed();
    const key = await createKey(server);
    await point(server, 'office', {
      model: 'fake-model',
      settings: {
        temperature: 0.2,
        maxTokens: 3,
        reasoningEffort: 'low',
        systemPrompt: 'Speak like a librarian.',
      },
    });
    await point(server, 'strict', { model: 'office', settings: { temperature: 0 } });
    await ask(server, key, { model: 'office', n: 2 });
    await ask(server, key, {
      model: 'strict',
      temperature: 1.5,
      max_tokens: 2,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
      ],
    });
    const [said, copy, own] = server.engine.seen.requests as [
      GenerateRequest,
      GenerateRequest,
      GenerateRequest,
    ];
    expect([said.sampling.temperature, said.maxTokens, said.chat?.reasoningEffort]).toEqual([0.2, 3, 'low']);
    expect(said.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Speak like a librarian.' }] },
      expect.objectContaining({ role: 'user' }),
    ]);
    expect(copy.messages).toBe(said.messages);
    expect([own.sampling.temperature, own.maxTokens, own.chat?.reasoningEffort]).toEqual([1.5, 2, 'low']);
    expect(own.messages.map(({ content }) => content[0])).toEqual([
      { type: 'text', text: 'Speak like a librarian.' },
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Hi' },
    ]);
  });
});

describe('models that share the work of a name', () => {
  test('get conversations by their weights, a conversation stays with its own, and the others stand in', async () => {
    const server = await startComposed({ engine: { models: ['model-a', 'model-b'] } });
    const key = await createKey(server);
    await point(server, 'office', {
      model: 'model-a',
      shares: [
        { model: 'model-a', weight: 3 },
        { model: 'model-b', weight: 1 },
      ],
    });
    const by = async (content: string): Promise<string | null> =>
      servedBy(await ask(server, key, { model: 'office', messages: [{ role: 'user', content }] }));
    const first = await Promise.all(Array.from({ length: 80 }, (_, index) => by(`conversation ${index}`)));
    const share = first.filter((model) => model === 'model-a').length;
    expect(share).toBeGreaterThan(45);
    expect(share).toBeLessThan(75);
    expect(await Promise.all(Array.from({ length: 80 }, (_, index) => by(`conversation ${index}`)))).toEqual(
      first,
    );
  });
});

describe('what lies outside the office', () => {
  const outside = { engine: { id: 'cloud', isOutside: true } } as const;

  test('is unknown to a key that may not go there, by its own name and by an alias', async () => {
    const server = await startComposed(outside);
    const key = await createKey(server);
    await point(server, 'gpt-4o', { model: 'fake-model' });
    for (const model of ['fake-model', 'gpt-4o']) {
      const response = await ask(server, key, { model });
      expect([response.status, await response.json()]).toEqual([
        404,
        expect.objectContaining({ error: expect.objectContaining({ code: 'model_not_found' }) }),
      ]);
    }
    const listed = await fetch(`${server.address}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await listed.json()).toMatchObject({ data: [] });
    expect(server.engine.seen.requests).toEqual([]);
    expect(await server.admin('GET', '/unknown-names')).toEqual([]);
    expect(await server.admin('GET', '/left-office')).toEqual([]);
  });

  test('answers a key that may, and what left is counted', async () => {
    const server = await startComposed(outside);
    const made = (await server.admin('POST', '/keys', { name: 'travels', mayLeave: true })) as {
      key: string;
    };
    expect((await ask(server, made.key, { model: 'fake-model' })).status).toBe(200);
    expect((await ask(server, made.key, { model: 'fake-model' })).status).toBe(200);
    expect(await server.admin('GET', '/log')).toMatchObject([
      { leftOffice: 'cloud' },
      { leftOffice: 'cloud' },
    ]);
    expect(await server.admin('GET', '/left-office')).toEqual([
      { engine: 'cloud', key: 'travels', requests: 2, promptTokens: 24, completionTokens: 10 },
    ]);
    expect(await server.admin('GET', '/left-office?since=2199-01-01T00:00:00Z')).toEqual([]);
  });
});
