import { describe, expect, it } from 'vitest';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { startFileServer } from '../../fakes/file-server.ts';

const picture = {
  model: 'fake-model',
  messages: [
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://192.0.2.7/a.png' } }] },
  ],
};

async function ask(
  server: ComposedServer,
  key: string,
  body: object,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

describe('never going online', () => {
  it('is switched at any time: nobody outside is asked then, and answers are given all the same', async () => {
    const server = await startComposed();
    const hub = await startFileServer({ '/m.gguf': Buffer.alloc(10) });
    const uri = `${hub.origin}/m.gguf`;
    await server.admin('PUT', '/settings/hub.address', { value: hub.origin });
    await server.admin('PUT', '/settings/images.fetchRemote', { value: true });
    await server.admin('PUT', '/settings/online.never', { value: true });

    expect(await server.admin('GET', '/internet')).toEqual({
      state: 'never',
      source: hub.origin,
      isForced: false,
    });
    expect(await server.admin('GET', '/models/search?q=small')).toMatchObject({ state: 'never' });
    await expect(server.admin('POST', '/downloads', { uri })).rejects.toThrow(/409.*never go online/);
    await expect(server.admin('GET', `/models/inspect?uri=${encodeURIComponent(uri)}`)).rejects.toThrow(
      /409.*never go online/,
    );
    const { key } = (await server.admin('POST', '/keys', { name: 'laptop' })) as { key: string };
    const refused = await ask(server, key, picture);
    expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('never go online') });
    expect(hub.asked).toEqual([]);
    const answered = await ask(server, key, {
      model: 'fake-model',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(answered.status).toBe(200);

    await server.admin('PUT', '/settings/online.never', { value: false });
    expect(await server.admin('GET', '/internet')).toMatchObject({ state: 'reachable' });
    expect(hub.asked.length).toBeGreaterThan(0);
  });

  it('cannot be taken back from here where the server was started so', async () => {
    const server = await startComposed({ environment: { INGLENOOK_OFFLINE: '1' } });
    expect(await server.admin('GET', '/internet')).toMatchObject({ state: 'never', isForced: true });
    await expect(server.admin('PUT', '/settings/online.never', { value: false })).rejects.toThrow(
      /409.*INGLENOOK_OFFLINE=1/,
    );
    expect(await server.admin('GET', '/settings/online.never')).toMatchObject({ value: true });
  });
});
