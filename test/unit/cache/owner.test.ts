import { describe, expect, it } from 'vitest';
import { cacheState } from '../../../server/wire/cache.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { chatPath, greedy } from './cached-server.ts';

type Made = { readonly id: string; readonly key: string };

async function ask({ address }: ComposedServer, key: string, change: object = {}): Promise<string | null> {
  const response = await fetch(address + chatPath, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake-model', ...greedy, ...change }),
  });
  await response.text();
  return response.ok ? response.headers.get('x-inglenook-cache') : String(response.status);
}

const set = async (server: ComposedServer, name: string, value: unknown): Promise<unknown> =>
  await server.admin('PUT', `/settings/cache.${name}`, { value });
const newKey = async (server: ComposedServer, name: string, policy = {}): Promise<Made> =>
  (await server.admin('POST', '/keys', { name, ...policy })) as Made;
const stateOf = async (server: ComposedServer) => cacheState.parse(await server.admin('GET', '/cache'));

describe('the owner', () => {
  it('switches it on and off; off, nothing is left', async () => {
    const server = await startComposed();
    const { key } = await newKey(server, 'a');
    expect(await stateOf(server)).toEqual({
      enabled: false,
      maxAgeMinutes: 60,
      maxMegabytes: 64,
      anySampling: false,
      shareAnswers: false,
      answers: 0,
      bytes: 0,
      hits: 0,
      misses: 0,
    });
    expect(await ask(server, key)).toBeNull();
    expect(await set(server, 'enabled', true)).toMatchObject({ name: 'cache.enabled', value: true });
    expect([await ask(server, key), await ask(server, key)]).toEqual(['miss', 'hit']);
    expect(await stateOf(server)).toMatchObject({ enabled: true, answers: 1, hits: 1, misses: 1 });
    await set(server, 'enabled', false);
    expect(await stateOf(server)).toMatchObject({ answers: 0, bytes: 0 });
    await set(server, 'enabled', true);
    expect(await ask(server, key)).toBe('miss');
    const rows = (await server.admin('GET', '/log')) as { cache: string | null }[];
    expect(rows.map(({ cache }) => cache)).toEqual(['miss', 'hit', 'miss', null]);
  });

  it('decides how long and how much', async () => {
    const time = createManualTime();
    const server = await startComposed({ clock: time.clock, timers: time.timers });
    const { key } = await newKey(server, 'a');
    await set(server, 'enabled', true);
    await set(server, 'maxAgeMinutes', 5);
    expect(await ask(server, key)).toBe('miss');
    time.advance(5 * 60_000 - 1);
    expect(await ask(server, key)).toBe('hit');
    time.advance(1);
    expect(await ask(server, key)).toBe('miss');
    await set(server, 'maxMegabytes', 1);
    expect(await stateOf(server)).toMatchObject({ answers: 1, maxMegabytes: 1 });
    for (const [name, value] of [
      ['enabled', 'yes'],
      ['maxAgeMinutes', 0],
      ['maxAgeMinutes', 1.5],
      ['maxMegabytes', 5000],
      ['anySampling', 1],
    ]) {
      await expect(set(server, String(name), value)).rejects.toThrow(/400.*takes/s);
    }
  });

  it('changes which answers are kept, and whose: those of before are forgotten', async () => {
    const server = await startComposed();
    const [a, b] = [await newKey(server, 'a'), await newKey(server, 'b')];
    await set(server, 'enabled', true);
    await set(server, 'anySampling', true);
    const hot = { temperature: 1.5 };
    expect([await ask(server, a.key, hot), await ask(server, a.key, hot)]).toEqual(['miss', 'hit']);
    await set(server, 'shareAnswers', true);
    expect((await stateOf(server)).answers).toBe(0);
    expect([await ask(server, a.key), await ask(server, b.key)]).toEqual(['miss', 'hit']);
    await set(server, 'shareAnswers', false);
    expect([await ask(server, b.key), await ask(server, a.key)]).toEqual(['miss', 'miss']);
    await set(server, 'anySampling', false);
    expect((await stateOf(server)).answers).toBe(0);
  });

  it('leaves a key out, whose answers are then forgotten', async () => {
    const server = await startComposed();
    const [a, b] = [await newKey(server, 'a'), await newKey(server, 'b', { cache: false })];
    await set(server, 'enabled', true);
    expect([await ask(server, a.key), await ask(server, b.key)]).toEqual(['miss', null]);
    expect(await server.admin('PATCH', '/keys/a', { cache: false })).toMatchObject({ cache: false });
    expect([await ask(server, a.key), (await stateOf(server)).answers]).toEqual([null, 0]);
    await server.admin('PATCH', '/keys/a', { cache: true });
    expect([await ask(server, a.key), await ask(server, a.key)]).toEqual(['miss', 'hit']);
  });

  it('revokes a key: its answers are gone, also where others shared them', async () => {
    const server = await startComposed();
    const [a, b] = [await newKey(server, 'a'), await newKey(server, 'b')];
    await set(server, 'enabled', true);
    await set(server, 'shareAnswers', true);
    await ask(server, a.key);
    await ask(server, b.key, { seed: 1 });
    await server.admin('DELETE', '/keys/a');
    expect(await ask(server, a.key)).toBe('401');
    expect(await stateOf(server)).toMatchObject({ answers: 1 });
    expect([await ask(server, b.key), await ask(server, b.key, { seed: 1 })]).toEqual(['miss', 'hit']);
  });

  it('pauses a key: it is given nothing, and what it had is there when it goes on', async () => {
    const server = await startComposed();
    const { key } = await newKey(server, 'a');
    await set(server, 'enabled', true);
    await ask(server, key);
    await server.admin('PATCH', '/keys/a', { paused: true });
    expect(await ask(server, key)).toBe('403');
    await server.admin('PATCH', '/keys/a', { paused: false });
    expect(await ask(server, key)).toBe('hit');
  });

  it('forgets all of it, and a restart does so too: nothing of it is on the disk', async () => {
    const server = await startComposed();
    const { key } = await newKey(server, 'a');
    await set(server, 'enabled', true);
    await ask(server, key);
    expect(await server.admin('DELETE', '/cache')).toMatchObject({ answers: 0, enabled: true });
    expect(await ask(server, key)).toBe('miss');
    await server.stop(0);
    const again = await startComposed({ dataDir: server.dataDir });
    expect(await stateOf(again)).toMatchObject({ enabled: true, answers: 0 });
    expect(await ask(again, key)).toBe('miss');
  });
});
