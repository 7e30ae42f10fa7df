import { beforeEach, describe, expect, it } from 'vitest';
import { createdPairing, pairingList, pairingRecord } from '../../../server/wire/pairing.ts';
import { startPairServer, type PairServer } from './pair-server.ts';
import { readQr } from '../../fakes/read-qr.ts';

let server: PairServer;
beforeEach(async () => {
  server = await startPairServer();
});

async function invite(request: unknown = {}) {
  const answer = await server.asOwner('POST', '/api/pairings', request);
  expect(answer.status).toBe(201);
  return createdPairing.parse(answer.json);
}

const redeem = (body: unknown) => server.post('/pair/redeem', body);
const changes = (type: string) => server.packets.filter((packet) => packet.type === type).length;

describe('an invitation', () => {
  it('leads to the office’s address, in link, QR code and short address alike', async () => {
    server.lan.state = { on: true, address: 'http://192.168.1.20:11500', mdnsName: 'inglenook.local' };
    const created = await invite({ person: 'Anna' });
    expect(created.warnings).toEqual([]);
    expect(created.url).toBe(`http://192.168.1.20:11500/pair#t=${created.ticket}&h=inglenook.local`);
    expect(readQr(created.qrSvg)).toBe(created.url);
    expect(created.shortAddress).toBe('192.168.1.20:11500/pair');
    expect(created.ticket).toMatch(/^[\w-]{22}$/);
    // All that is secret stands in the fragment, which is sent to nobody.
    expect(new URL(created.url).hash.slice(1).split('&')).toContain(`t=${created.ticket}`);
  });

  it('names no other host while none is announced', async () => {
    server.lan.state = { on: true, address: 'http://10.0.0.2:80' };
    const created = await invite();
    expect(created.url).toBe(`http://10.0.0.2:80/pair#t=${created.ticket}`);
    expect(readQr(created.qrSvg)).toBe(created.url);
  });

  it.each([
    [{ on: false, address: null }, /not let in/],
    [{ on: true, address: null }, /no network/],
  ])('says that it works on this computer only: %j', async (state, warning) => {
    server.lan.state = state;
    const created = await invite();
    expect(created.url.startsWith(`${server.origin}/pair#t=`)).toBe(true);
    expect(created.warnings).toEqual([expect.stringMatching(warning)]);
  });

  it('warns of models that do not exist, and is refused what a key would be refused', async () => {
    const created = await invite({ models: ['fake-model', 'not-yet'] });
    expect(created.warnings).toContainEqual(expect.stringContaining('“not-yet”'));
    const refused = [
      await server.asOwner('POST', '/api/pairings', { preset: 'boss' }),
      await server.asOwner('POST', '/api/pairings', { role: 'ops' }),
      await server.asOwner('POST', '/api/pairings', { expiresAt: '2020-01-01T00:00:00Z' }),
      await server.asOwner('POST', '/api/pairings', { name: '' }),
    ];
    expect(refused.map(({ status, json }) => [status, json.error.param])).toEqual([
      [400, 'preset'],
      [400, 'role'],
      [400, 'expiresAt'],
      [400, 'name'],
    ]);
    expect((await server.asOwner('GET', '/api/pairings')).json).toHaveLength(1);
  });

  it('is one of five', async () => {
    for (let count = 0; count < 5; count++) await invite();
    const sixth = await server.asOwner('POST', '/api/pairings', {});
    expect([sixth.status, sixth.json.error.code]).toEqual([409, 'too_many_invitations']);
  });
});

describe('the owner', () => {
  it('sees who asks, lets in, refuses and takes back, and every console hears of each change', async () => {
    const first = await invite({ person: 'Anna' });
    expect(changes('pairings-changed')).toBe(1);
    await redeem({ ticket: first.ticket, device: 'phone' });
    expect(changes('pairings-changed')).toBe(2);
    await redeem({ ticket: first.ticket, device: 'phone' });
    expect(changes('pairings-changed')).toBe(2);
    const [waiting] = pairingList.parse((await server.asOwner('GET', '/api/pairings')).json);
    expect(waiting).toMatchObject({
      id: first.id,
      state: 'waiting',
      join: { device: 'phone', ip: '127.0.0.1' },
    });

    const approved = await server.asOwner('POST', `/api/pairings/${first.id}/approve`);
    expect(pairingRecord.parse(approved.json).join?.approvedAt).not.toBeNull();
    expect([changes('pairings-changed'), changes('keys-changed')]).toEqual([3, 0]);
    await redeem({ ticket: first.ticket, device: 'phone' });
    expect([changes('pairings-changed'), changes('keys-changed')]).toEqual([4, 1]);

    const second = await invite();
    await redeem({ ticket: second.ticket, device: 'phone' });
    expect((await server.asOwner('POST', `/api/pairings/${second.id}/deny`)).json.state).toBe('denied');
    const third = await invite();
    expect((await server.asOwner('DELETE', `/api/pairings/${third.id}`)).json).toMatchObject({
      state: 'closed',
      closedBy: 'owner',
    });
    expect((await server.asOwner('DELETE', `/api/pairings/${third.id}`)).status).toBe(200);
    expect((await server.asOwner('POST', `/api/pairings/${third.id}/approve`)).status).toBe(409);
    expect((await server.asOwner('POST', '/api/pairings/nobody/deny')).status).toBe(404);
    expect(changes('pairings-changed')).toBe(9);
  });

  it('attack 36, attack 37: alone may do so, and the list tells no ticket and no code', async () => {
    const { id, ticket, code } = await invite({ autoApprove: true });
    const joined = await redeem({ ticket, device: 'phone' });
    const key = { authorization: `Bearer ${joined.json.key}` };
    for (const [method, path] of [
      ['GET', '/api/pairings'],
      ['POST', '/api/pairings'],
      ['DELETE', `/api/pairings/${id}`],
      ['POST', `/api/pairings/${id}/approve`],
      ['POST', `/api/pairings/${id}/deny`],
    ] as const) {
      expect((await server.send(method, path)).status).toBe(401);
      expect((await server.send(method, path, { headers: key })).status).toBe(403);
    }
    const list = await server.asOwner('GET', '/api/pairings');
    for (const secret of [ticket, code, joined.json.key]) {
      expect(list.text + server.logged.join('\n')).not.toContain(secret);
    }
  });

  it('attack 50: ends a device’s access by revoking its key, for good', async () => {
    const { ticket } = await invite({ autoApprove: true });
    const { key } = (await redeem({ ticket, device: 'phone' })).json;
    const headers = { authorization: `Bearer ${key}` };
    expect((await server.send('GET', '/v1/models', { headers })).status).toBe(200);
    const [record] = (await server.asOwner('GET', '/api/keys')).json;
    await server.asOwner('DELETE', `/api/keys/${record.id}`);
    expect((await server.send('GET', '/v1/models', { headers })).status).toBe(401);
    expect((await redeem({ ticket, device: 'phone' })).status).toBe(410);
  });
});
