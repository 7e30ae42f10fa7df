import { beforeEach, describe, expect, it } from 'vitest';
import { pairingList } from '../../../server/wire/pairing.ts';
import { startPairServer, type PairServer } from './pair-server.ts';

const hourMs = 3_600_000;

let server: PairServer;
beforeEach(async () => {
  server = await startPairServer();
});

async function createKey(request: Readonly<Record<string, unknown>>): Promise<{ id: string; key: string }> {
  const answer = await server.asOwner('POST', '/api/keys', request);
  expect(answer.status).toBe(201);
  return answer.json;
}

async function replace(name: string, overlapSeconds?: number): Promise<string> {
  const body = overlapSeconds === undefined ? {} : { overlapSeconds };
  const answer = await server.asOwner('POST', `/api/keys/${name}/replace`, body);
  expect(answer.status).toBe(201);
  return answer.json.key;
}

const chat = async (key: string): Promise<number> =>
  (
    await server.send('POST', '/v1/chat/completions', {
      headers: { authorization: `Bearer ${key}` },
      body: { model: 'fake-model', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 },
    })
  ).status;
const record = async (name: string) => (await server.asOwner('GET', `/api/keys/${name}`)).json;

describe('a key that is replaced', () => {
  it('is the same key: both texts work for the overlap, then the old one ends by itself', async () => {
    const { id, key: old } = await createKey({ name: 'laptop', person: 'Anna' });
    const fresh = await replace('laptop');
    expect(fresh).not.toBe(old);
    expect([await chat(old), await chat(fresh)]).toEqual([200, 200]);
    const now = await record('laptop');
    expect(now).toMatchObject({ id, person: 'Anna', status: 'active', hint: `sk-ink_…${fresh.slice(-4)}` });
    expect(now.formerKeys).toMatchObject([{ hint: `sk-ink_…${old.slice(-4)}` }]);
    expect(Date.parse(now.formerKeys[0].endsAt)).toBe(server.time.nowMs + 24 * hourMs);

    server.time.nowMs += 24 * hourMs - 1;
    expect(await chat(old)).toBe(200);
    server.time.nowMs += 1;
    expect([await chat(old), await chat(fresh)]).toEqual([401, 200]);
    expect((await record('laptop')).formerKeys).toEqual([]);
    expect((await server.asOwner('GET', '/api/keys')).json).toHaveLength(1);
  });

  it('has one budget for both texts, and its log is one', async () => {
    const budgets = [{ unit: 'tokens', amount: 34, period: 'day' }];
    const { id, key: old } = await createKey({ name: 'laptop', limits: { budgets } });
    expect(await chat(old)).toBe(200);
    const fresh = await replace('laptop');
    // Seventeen tokens each: the second spends what is left, whichever text it comes with.
    expect([await chat(fresh), await chat(fresh), await chat(old)]).toEqual([200, 429, 429]);
    const log = (await server.asOwner('GET', '/api/log')).json;
    expect(log.map((row: { keyId: string }) => row.keyId)).toEqual([id, id, id, id]);
  });

  it('shares its requests per minute as well', async () => {
    const { key: old } = await createKey({ name: 'laptop', limits: { requestsPerMinute: 2 } });
    const fresh = await replace('laptop');
    expect([await chat(old), await chat(fresh), await chat(old), await chat(fresh)]).toEqual([
      200, 200, 429, 429,
    ]);
  });

  it('tells whether the old text is still used', async () => {
    const { key: old } = await createKey({ name: 'laptop' });
    const fresh = await replace('laptop');
    expect(await chat(fresh)).toBe(200);
    expect((await record('laptop')).formerKeys).toMatchObject([{ lastUsedAt: null }]);
    server.time.nowMs += 1000;
    expect(await chat(old)).toBe(200);
    const { formerKeys, lastUsedAt } = await record('laptop');
    expect(formerKeys[0].lastUsedAt).toBe(new Date(server.time.nowMs).toISOString());
    expect(lastUsedAt).toBe(formerKeys[0].lastUsedAt);
  });

  it('ends the old text at once where that is wanted, with those of before', async () => {
    const { key: first } = await createKey({ name: 'laptop' });
    const second = await replace('laptop', 3600);
    const third = await replace('laptop', 0);
    expect([await chat(first), await chat(second), await chat(third)]).toEqual([401, 401, 200]);
    expect((await record('laptop')).formerKeys).toEqual([]);
  });

  it('lets the owner end the old text before its time', async () => {
    const { key: old } = await createKey({ name: 'laptop' });
    const fresh = await replace('laptop', 3600);
    expect((await server.asOwner('DELETE', '/api/keys/laptop/former')).json.formerKeys).toEqual([]);
    expect([await chat(old), await chat(fresh)]).toEqual([401, 200]);
  });

  it('is paused, revoked and expired with both texts', async () => {
    const expiresAt = new Date(server.time.nowMs + 2 * hourMs).toISOString();
    const { key: old } = await createKey({ name: 'laptop', expiresAt });
    const fresh = await replace('laptop', 30 * 24 * 3600);
    await server.asOwner('PATCH', '/api/keys/laptop', { paused: true });
    expect([await chat(old), await chat(fresh)]).toEqual([403, 403]);
    await server.asOwner('PATCH', '/api/keys/laptop', { paused: false });
    server.time.nowMs += 2 * hourMs;
    expect([await chat(old), await chat(fresh)]).toEqual([401, 401]);
    expect((await server.asOwner('POST', '/api/keys/laptop/replace', {})).json.error.code).toBe(
      'key_expired',
    );

    const { key: other } = await createKey({ name: 'phone' });
    const anew = await replace('phone');
    await server.asOwner('DELETE', '/api/keys/phone');
    expect([await chat(other), await chat(anew)]).toEqual([401, 401]);
    expect((await record('phone')).formerKeys).toEqual([]);
    expect((await server.asOwner('POST', '/api/keys/phone/replace', {})).json.error.code).toBe('key_revoked');
  });

  it('has no more than five texts of before at a time', async () => {
    await createKey({ name: 'laptop' });
    for (let count = 0; count < 5; count++) await replace('laptop');
    const refused = await server.asOwner('POST', '/api/keys/laptop/replace', {});
    expect([refused.status, refused.json.error.code]).toEqual([409, 'too_many_former_keys']);
    server.time.nowMs += 24 * hourMs;
    await replace('laptop');
  });

  it('is told of in the audit by hints alone', async () => {
    const { key: old } = await createKey({ name: 'laptop' });
    const fresh = await replace('laptop', 3600);
    await server.asOwner('DELETE', '/api/keys/laptop/former');
    const rows = (await server.asOwner('GET', '/api/audit?limit=10')).json;
    const text = JSON.stringify(rows);
    expect(text).toContain('key.replace');
    expect(text).toContain('key.end-former');
    expect(text).toContain(`sk-ink_…${fresh.slice(-4)}`);
    expect([text.includes(old), text.includes(fresh)]).toEqual([false, false]);
    expect([server.logged.join().includes(old), server.logged.join().includes(fresh)]).toEqual([
      false,
      false,
    ]);
  });
});

describe('an invitation that replaces', () => {
  const invite = async (request: unknown) => server.asOwner('POST', '/api/pairings', request);
  const redeem = (ticket: string) => server.post('/pair/redeem', { ticket, device: 'laptop' });

  it('brings the device another text for its key, approved like any other', async () => {
    const { id, key: old } = await createKey({ name: 'laptop', person: 'Anna', models: ['fake-model'] });
    const created = (await invite({ replaces: 'laptop', overlapSeconds: 3600 })).json;
    expect((await redeem(created.ticket)).status).toBe(202);
    expect(pairingList.parse((await server.asOwner('GET', '/api/pairings')).json)).toMatchObject([
      { person: 'Anna', replaces: id, state: 'waiting' },
    ]);
    expect(await chat(old)).toBe(200);
    expect((await record('laptop')).formerKeys).toEqual([]);
    await server.asOwner('POST', `/api/pairings/${created.id}/approve`);
    const joined = await redeem(created.ticket);
    expect(joined.status).toBe(200);
    expect([await chat(old), await chat(joined.json.key)]).toEqual([200, 200]);
    expect(await record('laptop')).toMatchObject({ id, pairedFrom: '127.0.0.1', models: ['fake-model'] });
    server.time.nowMs += 3600_000;
    expect([await chat(old), await chat(joined.json.key)]).toEqual([401, 200]);
    expect((await server.asOwner('GET', '/api/keys')).json).toHaveLength(1);
  });

  it('lets nobody in once the key has ended meanwhile', async () => {
    await createKey({ name: 'laptop' });
    const created = (await invite({ replaces: 'laptop', autoApprove: true })).json;
    await server.asOwner('DELETE', '/api/keys/laptop');
    expect((await redeem(created.ticket)).status).toBe(410);
    expect((await server.asOwner('GET', '/api/keys')).json).toHaveLength(1);
  });

  it('says nothing of what the key may do, and needs a key that works', async () => {
    await createKey({ name: 'laptop' });
    const wrong = [
      await invite({ replaces: 'laptop', limits: { requestsPerMinute: 1000 } }),
      await invite({ replaces: 'laptop', person: 'Bo' }),
      await invite({ replaces: 'nobody' }),
    ];
    expect(wrong.map(({ status, json }) => [status, json.error.param])).toEqual([
      [400, 'replaces'],
      [400, 'replaces'],
      [404, 'key'],
    ]);
  });
});
