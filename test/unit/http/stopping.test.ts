import { describe, expect, test, vi } from 'vitest';
import { startComposed } from '../../fakes/composed.ts';
import { gate } from './harness.ts';

async function withKey(server: Awaited<ReturnType<typeof startComposed>>) {
  const { key } = (await server.admin('POST', '/keys', { name: 'test' })) as { key: string };
  return (body: Record<string, unknown> = {}) =>
    fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }], ...body }),
    });
}

describe('stopping the server', () => {
  test('a running answer may end, and is whole', async () => {
    const held = gate();
    const server = await startComposed({
      engine: { beforePart: (index) => (index === 2 ? held.opened : undefined) },
    });
    const chat = await withKey(server);
    const response = await chat({ stream: true });
    const text = response.text();
    await vi.waitFor(() => expect(server.engine.seen.active).toBe(1));
    const stopped = server.stop(8_000);
    held.open();
    expect(await text).toContain('[DONE]');
    await stopped;
    expect(server.engine.seen.stopped).toBe(true);
  });

  test('an answer that takes longer than the time is ended with a sentence', async () => {
    const server = await startComposed({
      engine: { beforePart: (index) => (index === 2 ? gate().opened : undefined) },
    });
    const chat = await withKey(server);
    const response = await chat({ stream: true });
    const text = response.text();
    await vi.waitFor(() => expect(server.engine.seen.active).toBe(1));
    await server.stop(0);
    expect(await text).toContain('The server is being stopped');
  });

  test('a revoked key ends its running stream at once', async () => {
    const server = await startComposed({
      engine: { beforePart: (index) => (index === 2 ? gate().opened : undefined) },
    });
    const chat = await withKey(server);
    const text = (await chat({ stream: true })).text();
    await vi.waitFor(() => expect(server.engine.seen.active).toBe(1));
    await server.admin('DELETE', '/keys/test');
    expect(await text).toContain('This key has just been revoked');
    expect((await chat()).status).toBe(401);
  });
});
