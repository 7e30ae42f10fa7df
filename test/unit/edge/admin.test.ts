import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { usualEdge, type EdgeState } from '../../../server/wire/edge.ts';
import { startComposed, type ComposedServer } from '../../fakes/composed.ts';

const wrongKey = `sk-ink_${'a'.repeat(38)}`;
const json = { 'content-type': 'application/json' };

async function showWrongKeys(server: ComposedServer, count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await fetch(`${server.address}/v1/models`, { headers: { 'x-api-key': wrongKey } });
    statuses.push(answer.status);
  }
  return statuses;
}

/** What the audit says of the edge, the newest first. */
async function auditOf(server: ComposedServer, act: string): Promise<unknown> {
  return server.admin('GET', `/audit?act=${act}`);
}

/** The packets of the event stream from now on, until `wanted` has come. */
async function untilPacket(
  server: ComposedServer,
  token: string,
  wanted: string,
): Promise<() => Promise<boolean>> {
  const leaving = new AbortController();
  const response = await fetch(`${server.address}/api/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  // The first picture: from here on everything comes.
  await reader?.read();
  return async () => {
    for (;;) {
      const read = await reader?.read();
      if (read === undefined || read.done) return false;
      if (!read.value.includes(`"type":"${wanted}"`)) continue;
      leaving.abort();
      return true;
    }
  };
}

async function ownToken(server: ComposedServer): Promise<string> {
  return (await readFile(`${server.dataDir}/admin.token`, 'utf8')).trim();
}

describe('the edge in the admin API', () => {
  it('tells its rules and what is open; each rule is changed by its name or with others', async () => {
    const server = await startComposed();
    const state = (await server.admin('GET', '/edge')) as EdgeState;
    expect(state).toMatchObject({
      settings: usualEdge,
      connections: { office: 0, strangers: 0 },
      refused: { connections: 0, notAllowed: 0, blocked: 0, requests: 0, streams: 0 },
      blocks: [],
    });
    expect(state.connections.loopback).toBeGreaterThan(0);
    const set = (name: string, value: unknown) => server.admin('PUT', `/settings/${name}`, { value });
    expect(await set('edge.allow', '192.168.1.0/24, 2001:db8::7')).toMatchObject({
      value: '192.168.1.0/24, 2001:db8::7',
    });
    expect(await set('edge.requestsPerMinute', null)).toMatchObject({ value: null });
    expect(await set('edge.connectionsBeforeKey', 8)).toMatchObject({ value: 8 });
    expect(await server.admin('PATCH', '/edge', { allow: [], streamsPerAddress: 4 })).toMatchObject({
      settings: {
        ...usualEdge,
        requestsPerMinute: null,
        connectionsBeforeKey: 8,
        streamsPerAddress: 4,
      },
    });
    expect(await auditOf(server, 'edge.set')).toMatchObject([
      { act: 'edge.set', details: { changes: { streamsPerAddress: { from: 48, to: 4 } } } },
    ]);
  });

  it.each([
    ['edge.allow', '192.168.1.0/33'],
    ['edge.allow', 'office'],
    ['edge.allow', 4],
    ['edge.trustedProxies', '0.0.0.0/0'],
    ['edge.trustedProxies', '10.0.0.0/8'],
    ['edge.trustedProxies', 'loopback'],
    ['edge.trustedProxies', 'uniquelocal'],
    ['edge.trustedProxies', '::/0'],
    ['edge.connectionsPerAddress', 0],
    ['edge.connectionsReserved', 4096],
    ['edge.requestsPerMinute', 1.5],
    ['edge.blockGuessers', 'no'],
  ])('%s does not take %j, and stays as it was', async (name, value) => {
    const server = await startComposed();
    await expect(server.admin('PUT', `/settings/${name}`, { value })).rejects.toThrow(`: 400 `);
    expect(await server.admin('GET', '/edge')).toMatchObject({ settings: usualEdge });
  });

  it('blocks are listed with reason and end, told live, written to the audit, and lifted', async () => {
    const server = await startComposed();
    const token = await ownToken(server);
    const changed = await untilPacket(server, token, 'edge-changed');
    expect(new Set(await showWrongKeys(server, 30))).toEqual(new Set([401]));
    expect(await changed()).toBe(true);
    expect(await showWrongKeys(server, 1)).toEqual([429]);
    const [block] = (await server.admin('GET', '/edge/blocks')) as EdgeState['blocks'];
    expect(block).toMatchObject({ address: '127.0.0.1', reason: 'keys', wrong: 30, times: 1 });
    expect(Date.parse(block?.until ?? '') - Date.parse(block?.since ?? '')).toBe(60_000);
    const lifted = await untilPacket(server, token, 'edge-changed');
    expect(await server.admin('DELETE', '/edge/blocks/127.0.0.1')).toBeNull();
    expect(await lifted()).toBe(true);
    expect(await showWrongKeys(server, 1)).toEqual([401]);
    await expect(server.admin('DELETE', '/edge/blocks/127.0.0.1')).rejects.toThrow('404');
    expect(await auditOf(server, 'edge')).toMatchObject([
      { act: 'edge.lift-block', outcome: 'refused', object: '127.0.0.1' },
      { act: 'edge.lift-block', outcome: 'done', object: '127.0.0.1', actor: 'owner' },
      {
        act: 'edge.block',
        outcome: 'refused',
        object: '127.0.0.1',
        actor: 'stranger',
        details: { reason: 'keys' },
      },
    ]);
  });

  it('wrong admin tokens and pairing codes are counted as guesses too', async () => {
    const server = await startComposed();
    for (let index = 0; index < 10; index += 1) {
      await fetch(`${server.address}/api/keys`, { headers: { authorization: 'Bearer nonsense' } });
    }
    expect(await server.admin('GET', '/edge/blocks')).toMatchObject([{ reason: 'passwords', wrong: 10 }]);
    await server.admin('DELETE', '/edge/blocks/127.0.0.1');
    const redeem = () =>
      fetch(`${server.address}/pair/redeem`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ code: 'BCDF-GHJK', device: 'x' }),
      });
    const statuses: number[] = [];
    for (let index = 0; index < 11; index += 1) statuses.push((await redeem()).status);
    expect(statuses.slice(0, 5)).toEqual([410, 410, 410, 410, 410]);
    expect(new Set(statuses.slice(5))).toEqual(new Set([429]));
    expect(await server.admin('GET', '/edge/blocks')).toMatchObject([{ reason: 'codes', wrong: 10 }]);
  });
});

describe('nobody shuts themselves out', () => {
  it('by a list without their own address: 409, and nothing is changed', async () => {
    const server = await startComposed();
    await server.admin('PUT', '/settings/edge.trustedProxies', { value: '127.0.0.1' });
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const { token } = (await server.admin('POST', '/admin-tokens', { name: 'far', expiresAt })) as {
      token: string;
    };
    const setAllow = async (value: string) => {
      const answer = await fetch(`${server.address}/api/settings/edge.allow`, {
        method: 'PUT',
        headers: {
          ...json,
          authorization: `Bearer ${token}`,
          'x-forwarded-for': '192.168.1.5',
          'x-forwarded-proto': 'https',
        },
        body: JSON.stringify({ value }),
      });
      return [answer.status, await answer.json()];
    };
    expect(await setAllow('10.0.0.0/8')).toMatchObject([
      409,
      { error: { code: 'would_lock_you_out', message: expect.stringContaining('192.168.1.5') } },
    ]);
    expect(await server.admin('GET', '/edge')).toMatchObject({ settings: { allow: [] } });
    expect(await setAllow('10.0.0.0/8, 192.168.1.0/24')).toMatchObject([200, {}]);
    // From this computer itself any list is possible: it is always let in.
    await server.admin('PATCH', '/edge', { allow: ['10.0.0.0/8'] });
    expect(await setAllow('')).toMatchObject([403, { error: { code: 'ip_not_allowed' } }]);
  });

  it('by naming their own address a proxy’s; the command line and the window stay at home', async () => {
    const server = await startComposed({ windowToken: 'window-secret' });
    const signedUp = await fetch(`${server.address}/api/setup`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ token: server.setupLink?.split('#')[1], password: 'correct horse battery' }),
    });
    const { csrfToken } = (await signedUp.json()) as { csrfToken: string };
    const cookie = signedUp.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const browser = { ...json, cookie, 'x-inglenook-csrf': csrfToken };
    const trust = async (headers: Record<string, string>) => {
      const answer = await fetch(`${server.address}/api/edge`, {
        method: 'PATCH',
        headers,
        body: JSON.stringify({ trustedProxies: ['127.0.0.1'] }),
      });
      return answer.status;
    };
    expect(await trust(browser)).toBe(409);
    expect(await trust({ ...json, authorization: 'Bearer window-secret' })).toBe(200);
    expect((await fetch(`${server.address}/api/keys`, { headers: browser })).status).toBe(403);
    expect(await server.admin('GET', '/edge')).toMatchObject({ settings: { trustedProxies: ['127.0.0.1'] } });
    const opened = await fetch(`${server.address}/console/`, {
      headers: { authorization: 'Bearer window-secret' },
    });
    expect(opened.status).not.toBe(403);
  });
});
