import { beforeEach, describe, expect, it } from 'vitest';
import { createdTicket, ticketList, type CreatedTicket } from '../../../server/wire/pairing.ts';
import { byTicket, openDesk, outcome, visitor } from './desk.ts';
import { startPairServer, type PairServer } from './pair-server.ts';

const daySeconds = 86_400;

let server: PairServer;
beforeEach(async () => {
  server = await startPairServer();
  server.lan.state = { on: true, address: 'http://192.168.1.20:11500' };
});

async function create(request: Readonly<Record<string, unknown>> = {}): Promise<CreatedTicket> {
  const answer = await server.asOwner('POST', '/api/tickets', { name: 'CI', ...request });
  expect(answer.status).toBe(201);
  return createdTicket.parse(answer.json);
}
const redeem = (ticket: string, device = 'runner') => server.post('/pair/redeem', { ticket, device });
const keys = async () => (await server.asOwner('GET', '/api/keys')).json;
const list = async () => ticketList.parse((await server.asOwner('GET', '/api/tickets')).json);

describe('a ticket for machines', () => {
  it('lets in as many as it says, each with a key of its own, without anybody being asked', async () => {
    const { ticket, command, warnings, id } = await create({
      uses: 2,
      models: ['fake-model'],
      team: 'Build',
    });
    expect(command).toContain(`{"ticket":"${ticket}","device":"'"$(hostname)"'"}`);
    expect(command).toContain('http://192.168.1.20:11500/pair/redeem');
    expect(warnings).toEqual([expect.stringContaining('every address')]);
    const [first, second, third] = [await redeem(ticket), await redeem(ticket), await redeem(ticket)];
    expect([first, second, third].map(({ status }) => status)).toEqual([200, 200, 410]);
    expect(first?.json.key).not.toBe(second?.json.key);
    expect(await keys()).toMatchObject([
      { name: 'runner (2)', device: 'runner', person: null, team: 'Build', preset: 'script' },
      { name: 'runner', pairedFrom: '127.0.0.1', models: ['fake-model'] },
    ]);
    expect(await list()).toMatchObject([{ id, state: 'used-up', uses: 2, mostUses: 2 }]);
    expect((await list())[0]?.keyIds).toHaveLength(2);
  });

  it('gives each key a script’s limits unless others are said', async () => {
    const { ticket } = await create({ uses: 1 });
    const other = await create({ name: 'other', limits: { requestsPerMinute: 5, budgets: [] } });
    await redeem(ticket, 'usual');
    await redeem(other.ticket, 'own');
    const [own, usual] = await keys();
    expect(usual).toMatchObject({
      priority: 'low',
      limits: { requestsPerMinute: 30, budgets: [{ unit: 'tokens', amount: 1_000_000, period: 'day' }] },
    });
    expect(own.limits).toMatchObject({ requestsPerMinute: 5, maxParallel: 2, budgets: [] });
  });

  it('ends by its time, and its keys go on', async () => {
    const { ticket } = await create({ uses: 5, validSeconds: 3600 });
    expect((await redeem(ticket)).status).toBe(200);
    server.time.nowMs += 3600_000;
    expect((await redeem(ticket)).status).toBe(410);
    expect((await list())[0]).toMatchObject({ state: 'expired', uses: 1, refusedFrom: '127.0.0.1' });
    expect((await keys())[0].status).toBe('active');
  });

  it('is refused from other addresses with the words of any other refusal, and the owner is told', async () => {
    const { ticket } = await create({ from: ['10.1.0.0/16'] });
    const refused = await redeem(ticket);
    const unknown = await redeem('x'.repeat(22));
    expect([refused.status, refused.text]).toEqual([410, unknown.text]);
    expect((await list())[0]).toMatchObject({ uses: 0, from: ['10.1.0.0/16'], refusedFrom: '127.0.0.1' });
    const rows = (await server.asOwner('GET', '/api/audit?limit=50')).json;
    expect(JSON.stringify(rows)).toMatch(/ticket\.join.*"why":"address"/);
  });

  it('can be revoked, alone or with all that it has let in', async () => {
    const [one, other] = [await create({ uses: 3 }), await create({ name: 'other', uses: 3 })];
    await redeem(one.ticket, 'a');
    await redeem(other.ticket, 'b');
    await server.asOwner('DELETE', `/api/tickets/${one.id}`);
    await server.asOwner('DELETE', `/api/tickets/${other.id}?keys=revoke`);
    expect([(await redeem(one.ticket)).status, (await redeem(other.ticket)).status]).toEqual([410, 410]);
    expect(
      (await keys()).map(({ name, status }: { name: string; status: string }) => [name, status]),
    ).toEqual([
      ['b', 'revoked'],
      ['a', 'active'],
    ]);
    expect((await list()).map(({ name, state, keyIds }) => [name, state, keyIds.length])).toEqual([
      ['other', 'revoked', 0],
      ['CI', 'revoked', 1],
    ]);
    expect((await server.asOwner('DELETE', '/api/tickets/ticket_none')).status).toBe(404);
  });

  it('is no secret that is told twice: only its answer holds it', async () => {
    const { ticket } = await create();
    await redeem(ticket);
    const rows = (await server.asOwner('GET', '/api/audit?limit=50')).text;
    const everything = [rows, JSON.stringify(await list()), server.logged.join()].join();
    expect(everything.includes(ticket)).toBe(false);
    expect(rows).toContain('ticket.create');
  });

  it('opened as a page is no guess, and lets nobody in', async () => {
    const { ticket } = await create();
    for (let look = 0; look < 7; look++) {
      expect((await server.post('/pair/look', { ticket })).status).toBe(410);
    }
    expect((await redeem(ticket)).status).toBe(200);
  });

  it.each([
    [{ uses: 0 }, 'uses'],
    [{ uses: 1001 }, 'uses'],
    [{ validSeconds: 91 * daySeconds }, 'validSeconds'],
    [{ from: ['office'] }, 'from.0'],
    [{ person: 'Anna' }, 'person'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    [{ outside: true }, 'expiresAt'],
  ])('cannot be made with %j', async (request, param) => {
    const refused = await server.asOwner('POST', '/api/tickets', { name: 'CI', ...request });
    expect([refused.status, refused.json.error.param]).toEqual([400, param]);
    expect(await list()).toEqual([]);
  });

  it('is one of twenty that are open', async () => {
    for (let count = 0; count < 20; count++) await create();
    const refused = await server.asOwner('POST', '/api/tickets', { name: 'CI' });
    expect([refused.status, refused.json.error.code]).toEqual([409, 'too_many_tickets']);
  });
});

describe('an invitation’s time', () => {
  it('is ten minutes, or as long as was said, but never longer than the key', () => {
    const { invite, time } = openDesk();
    const minutes = ({ record }: ReturnType<typeof invite>) =>
      (Date.parse(record.expiresAt) - time.nowMs) / 60_000;
    expect(minutes(invite())).toBe(10);
    expect(minutes(invite({ validMinutes: 1440 }))).toBe(1440);
    const expiresAt = new Date(time.nowMs + 3600_000).toISOString();
    expect(minutes(invite({ validMinutes: 1440, expiresAt }))).toBe(60);
    expect(() => invite({ validMinutes: 11, autoApprove: true })).toThrow(/ten minutes/);
  });

  it('lets a card on paper wait for days, and still asks the owner', () => {
    const { invite, pairing, pass } = openDesk();
    const { ticket, record } = invite({ preset: 'guest', validMinutes: 3 * 1440 });
    pass(2 * daySeconds * 1000);
    expect(pairing.redeem(byTicket(ticket), visitor()).status).toBe('waiting');
    pairing.approve(record.id);
    expect(pairing.redeem(byTicket(ticket), visitor()).status).toBe('joined');
  });

  it('counts cards by themselves: they leave room for who stands at the door', () => {
    const { invite } = openDesk();
    for (let count = 0; count < 20; count++) invite({ validMinutes: 1440 });
    expect(outcome(() => invite({ validMinutes: 1440 }))).toBe(409);
    for (let count = 0; count < 5; count++) invite();
    expect(outcome(() => invite())).toBe(409);
  });
});

describe('a preset', () => {
  it.each([
    ['guest', { priority: 'low', limits: { requestsPerMinute: 20, maxParallel: 1 } }],
    ['script', { priority: 'low', limits: { requestsPerMinute: 30, maxParallel: 2 } }],
    ['teammate', { priority: 'normal', limits: { requestsPerMinute: null, maxParallel: null, budgets: [] } }],
  ])('%s brings its limits where nothing else is said', (preset, policy) => {
    const { invite, pairing } = openDesk();
    const { ticket } = invite({ preset, autoApprove: true });
    expect(pairing.redeem(byTicket(ticket), visitor())).toMatchObject({ status: 'joined', record: policy });
  });

  it('is changed by what is said, number by number', () => {
    const { invite, pairing } = openDesk();
    const limits = { requestsPerMinute: null, budgets: [] };
    const { ticket } = invite({ preset: 'guest', priority: 'high', limits, autoApprove: true });
    expect(pairing.redeem(byTicket(ticket), visitor())).toMatchObject({
      record: { priority: 'high', limits: { requestsPerMinute: null, maxParallel: 1, budgets: [] } },
    });
  });
});
