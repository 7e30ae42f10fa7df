import { describe, expect, it } from 'vitest';
import { logPage } from '../../../server/wire/admin.ts';
import { gate } from '../http/harness.ts';
import { startPaused, type PausedServer } from './paused.ts';

async function ask(server: PausedServer, path: string, key: string | null = server.key): Promise<Response> {
  return await fetch(server.address + path, {
    headers: key === null ? {} : { authorization: `Bearer ${key}` },
  });
}

describe('a pause of everything', () => {
  it('answers nobody below /v1, in the asker’s own language, and keeps models and console', async () => {
    const server = await startPaused();
    await server.chat();
    await server.take('all', { seconds: 45 });
    const refused = await server.chat();
    expect([
      refused.status,
      refused.headers.get('retry-after'),
      refused.headers.get('x-should-retry'),
    ]).toEqual([503, '45', 'true']);
    const messages = await fetch(`${server.address}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': server.key,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'fake-model',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    });
    // That vendor's word for it.
    expect([messages.status, await messages.json()]).toMatchObject([
      529,
      { type: 'error', error: { message: expect.stringContaining('The owner has paused this server') } },
    ]);
    for (const path of ['/v1/models', '/models', '/v1/models/fake-model', '/v1/responses/resp_x']) {
      expect([path, (await ask(server, path)).status]).toEqual([path, 503]);
    }
    // A stranger is told no more than ever.
    expect((await ask(server, '/v1/models', null)).status).toBe(401);
    expect((await ask(server, '/me/state')).status).toBe(200);
    expect(server.engine.models()[0]?.state).toBe('ready');
    const ready = await ask(server, '/readyz', null);
    expect([ready.status, ready.headers.get('retry-after'), await ready.json()]).toEqual([
      503,
      '45',
      { status: 'paused', until: '2026-11-22T12:00:45.000Z' },
    ]);

    server.time.advance(45_000);
    expect((await server.chat()).status).toBe(200);
    const refusals = logPage
      .parse(await server.admin('GET', '/log'))
      .filter(({ status }) => status === 'refused');
    expect(refusals.map(({ httpStatus, key }) => `${httpStatus} ${key}`).toSorted()).toEqual([
      '503 desk',
      '529 desk',
    ]);
  });

  it('lets running answers end, and is held with the GPU released beside it', async () => {
    const held = gate();
    const server = await startPaused({
      engine: { beforePart: (index) => (index === 2 ? held.opened : undefined) },
    });
    const running = server.chat();
    await expect.poll(() => server.engine.seen.active).toBe(1);
    await server.take('all');
    expect((await server.owner()).pauses.all).toMatchObject({ phase: 'draining', running: 1, until: null });
    held.open();
    expect((await running).status).toBe(200);
    server.time.advance(400);
    await expect.poll(async () => (await server.owner()).pauses.all?.phase).toBe('held');
    await server.take('gpu');
    await server.lift('all');
    expect((await server.owner()).pauses).toMatchObject({ all: null, gpu: { until: null } });
    expect((await server.chat()).status).toBe(503);
    await server.lift('gpu');
    expect((await server.chat()).status).toBe(200);
  });
});
