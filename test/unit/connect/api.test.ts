import { describe, expect, test } from 'vitest';
import { connectPage } from '../../../server/wire/connect.ts';
import { startComposed } from '../../fakes/composed.ts';

describe('GET /api/connect', () => {
  test('has the real address, and the guides for it', async () => {
    const server = await startComposed();
    const page = connectPage.parse(await server.admin('GET', '/connect'));
    expect(page).toMatchObject({
      baseUrl: `${server.address}/v1`,
      isLanAddress: false,
      plain: true,
      isTestModel: true,
      contextTokens: null,
      roles: {
        chat: { name: 'office', servedBy: { model: 'fake-model', engine: 'fake' } },
        code: { name: 'office-code', servedBy: { model: 'fake-model', engine: 'fake' } },
      },
    });
    expect(JSON.stringify(page.guides)).toContain(`${server.address}/v1/chat/completions`);
    expect(JSON.stringify(page.guides)).toContain('<your key>');
  });

  test('for a key, by name or id, speaks of the names that key may use', async () => {
    const server = await startComposed();
    const key = (await server.admin('POST', '/keys', { name: 'a b', models: ['fake-model'] })) as {
      id: string;
    };
    for (const asked of [key.id, 'a%20b']) {
      const page = connectPage.parse(await server.admin('GET', `/connect?key=${asked}`));
      expect(JSON.stringify(page.guides)).toContain('fake-model');
      expect(JSON.stringify(page.guides)).not.toContain('office');
    }
    await expect(server.admin('GET', '/connect?key=nobody')).rejects.toThrow(/404 .*no key/);
  });

  test('no longer speaks of a test model once the names were moved, and knows the context of what is loaded', async () => {
    const server = await startComposed({ engine: { contextTokens: 8192 } });
    const made = (await server.admin('POST', '/keys', { name: 'a' })) as { key: string };
    await fetch(`${server.address}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'office', messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(await server.admin('GET', '/connect')).toMatchObject({ contextTokens: 8192, isTestModel: true });
    for (const name of ['office', 'office-code'])
      await server.admin('PUT', `/aliases/${name}`, { model: 'later' });
    expect(await server.admin('GET', '/connect')).toMatchObject({
      contextTokens: null,
      isTestModel: false,
      roles: { chat: { name: 'office', servedBy: null } },
    });
  });
});
