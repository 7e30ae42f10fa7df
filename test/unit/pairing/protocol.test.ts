import { describe, expect, it } from 'vitest';
import { createKey, findKey, listKeys } from '../../../server/store/keys.ts';
import { byCode, byTicket, errorOf, minuteMs, openDesk, outcome, visitor, type Desk } from './desk.ts';

describe('the way in', () => {
  it('is: invited, waiting, approved, one key, and then nothing for anybody', () => {
    const { pairing, invite, pass, joined, store } = openDesk();
    const { record, ticket } = invite({ person: 'Anna', models: ['office'] });
    expect(record).toMatchObject({
      state: 'open',
      person: 'Anna',
      join: null,
      keyId: null,
      triedAgainFrom: null,
    });
    expect(Date.parse(record.expiresAt) - Date.parse(record.createdAt)).toBe(10 * minuteMs);

    const first = pairing.redeem(byTicket(ticket), visitor());
    expect(first).toMatchObject({ status: 'waiting', slowDown: false });
    const [waiting] = pairing.list();
    expect(waiting).toMatchObject({
      state: 'waiting',
      join: { device: 'laptop', ip: '192.168.1.34', client: 'test/1', via: 'ticket', approvedAt: null },
    });
    expect(waiting?.join?.matchCode).toMatch(/^\d\d$/);
    expect(first.record).toEqual(waiting);
    expect(listKeys(store, 0)).toEqual([]);

    pass(2000);
    expect(pairing.approve(record.id).join?.approvedAt).toBe('2026-11-22T12:00:02.000Z');
    const last = pairing.redeem(byTicket(ticket), visitor());
    if (last.status !== 'joined') throw new Error('not joined');
    expect(last.key).toMatch(/^sk-ink_/);
    expect(last.record).toMatchObject({
      name: 'Anna’s laptop',
      person: 'Anna',
      device: 'laptop',
      models: ['office'],
      role: 'inference',
      preset: 'teammate',
      pairedFrom: '192.168.1.34',
      expiresAt: null,
    });
    expect(joined).toEqual([last.record]);
    expect(pairing.list()[0]).toMatchObject({ state: 'joined', keyId: last.record.id, triedAgainFrom: null });
    expect(outcome(() => pairing.redeem(byTicket(ticket), visitor()))).toBe(410);
    expect(pairing.list()[0]?.triedAgainFrom).toBe('192.168.1.34');
    expect(listKeys(store, 0)).toHaveLength(1);
  });

  it('gives the key the limits that the invitation was made with', () => {
    const { pairing, invite, store } = openDesk();
    const policy = {
      limits: { requestsPerMinute: 5, budgets: [{ unit: 'tokens', amount: 1000, period: 'week' }] },
      modelLimits: { big: { maxParallel: 1 } },
      ips: ['192.168.1.0/24'],
      priority: 'low',
    };
    const { record, ticket } = invite(policy);
    pairing.redeem(byTicket(ticket), visitor());
    pairing.approve(record.id);
    pairing.redeem(byTicket(ticket), visitor());
    expect(listKeys(store, 0)).toMatchObject([policy]);
  });

  it.each([
    ['as it is shown', (code: string) => code],
    ['without the dash', (code: string) => code.replace('-', '')],
    ['in small letters', (code: string) => code.toLowerCase()],
    ['with spaces', (code: string) => ` ${code.replace('-', ' ')} `],
  ])('also opens by the code, typed %s', (_how, typed) => {
    const { pairing, invite } = openDesk();
    const { code } = invite();
    expect(pairing.redeem(byCode(typed(code)), visitor()).status).toBe('waiting');
    expect(pairing.list()[0]?.join?.via).toBe('code');
  });

  it('needs no yes for a ticket the owner has approved beforehand, but always for a code', () => {
    const { pairing, invite } = openDesk();
    const [byQr, typed] = [invite({ autoApprove: true }), invite({ autoApprove: true })];
    expect(pairing.redeem(byTicket(byQr.ticket), visitor('robot')).status).toBe('joined');
    expect(pairing.redeem(byCode(typed.code), visitor('robot 2')).status).toBe('waiting');
    expect(pairing.redeem(byCode(typed.code), visitor('robot 2')).status).toBe('waiting');
    pairing.approve(typed.record.id);
    expect(pairing.redeem(byCode(typed.code), visitor('robot 2')).status).toBe('joined');
  });

  it('shows other digits for each device that waits', () => {
    const { pairing, invite } = openDesk();
    const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => {
      const { ticket } = invite();
      pairing.redeem(byTicket(ticket), visitor('laptop', `192.168.1.${number}`));
      return pairing.list()[0]?.join?.matchCode;
    });
    expect(new Set(codes).size).toBe(10);
  });

  it('attack 44: asks a device that polls too fast to slow down, and still answers it', () => {
    const { pairing, invite, pass } = openDesk();
    const { ticket } = invite();
    const slowDowns = [0, 100, 2000, 999, 1000].map((waitMs) => {
      pass(waitMs);
      return pairing.redeem(byTicket(ticket), visitor());
    });
    expect(slowDowns.map((answer) => answer.status === 'waiting' && answer.slowDown)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('refusals', () => {
  type Case = [string, (desk: Desk) => { ticket: string; code: string } | null];
  const used = (desk: Desk) => {
    const invitation = desk.invite({ autoApprove: true });
    desk.pairing.redeem(byTicket(invitation.ticket), visitor());
    return invitation;
  };
  const taken = (desk: Desk) => {
    const invitation = desk.invite();
    desk.pairing.redeem(byTicket(invitation.ticket), visitor('another'));
    return invitation;
  };
  const cases: Case[] = [
    ['unknown', () => null],
    ['used', used],
    ['taken by another name', taken],
    [
      'taken from another address',
      (desk) => {
        const invitation = desk.invite();
        desk.pairing.redeem(byTicket(invitation.ticket), visitor('laptop', '192.168.1.99'));
        return invitation;
      },
    ],
    [
      'expired',
      (desk) => {
        const invitation = desk.invite();
        desk.pass(10 * minuteMs);
        return invitation;
      },
    ],
    [
      'denied',
      (desk) => {
        const invitation = desk.invite();
        desk.pairing.redeem(byTicket(invitation.ticket), visitor());
        desk.pairing.deny(invitation.record.id);
        return invitation;
      },
    ],
    [
      'denied after approval',
      (desk) => {
        const invitation = desk.invite();
        desk.pairing.redeem(byTicket(invitation.ticket), visitor());
        desk.pairing.approve(invitation.record.id);
        desk.pairing.deny(invitation.record.id);
        return invitation;
      },
    ],
    [
      'closed while open',
      (desk) => {
        const invitation = desk.invite();
        desk.pairing.close(invitation.record.id);
        return invitation;
      },
    ],
    [
      'closed while waiting',
      (desk) => {
        const invitation = desk.invite();
        desk.pairing.redeem(byTicket(invitation.ticket), visitor());
        desk.pairing.close(invitation.record.id);
        return invitation;
      },
    ],
  ];

  it.each(cases)('%s: the same words by ticket and by code, and no key', (_what, prepare) => {
    const desk = openDesk();
    const invitation = prepare(desk) ?? { ticket: 'AAAAAAAAAAAAAAAAAAAAAA', code: 'BCDF-GHJK' };
    const keys = listKeys(desk.store, 0).length;
    const refused = [byTicket(invitation.ticket), byCode(invitation.code)].map((secret) => {
      const error = errorOf(() => desk.pairing.redeem(secret, visitor()));
      return {
        status: error.status,
        code: error.code,
        message: error.message,
        retry: error.retryAfterSeconds,
      };
    });
    const unknown = errorOf(() => desk.pairing.redeem(byTicket('unknown'), visitor('x', '10.0.0.1')));
    const words = { status: 410, code: 'pairing_gone', message: unknown.message, retry: null };
    expect(refused).toEqual([words, words]);
    expect(listKeys(desk.store, 0)).toHaveLength(keys);
  });

  it('tell the owner who tried again, once', () => {
    const desk = openDesk();
    const { ticket } = taken(desk);
    const before = desk.changes();
    for (const ip of ['192.168.1.50', '192.168.1.51']) {
      expect(outcome(() => desk.pairing.redeem(byTicket(ticket), visitor('thief', ip)))).toBe(410);
    }
    expect(desk.pairing.list()[0]?.triedAgainFrom).toBe('192.168.1.50');
    expect(desk.changes()).toBe(before + 1);
    expect(desk.logged.at(-1)).toContain('192.168.1.50');
  });

  it('do not count what is known: its owner may hold the used ticket of a colleague', () => {
    const desk = openDesk();
    const { ticket } = used(desk);
    const answers = Array.from({ length: 8 }, () =>
      outcome(() => desk.pairing.redeem(byTicket(ticket), visitor())),
    );
    expect(answers).toEqual(answers.map(() => 410));
  });

  it('of a sixth open invitation, with what to do', () => {
    const { invite, pairing, pass } = openDesk();
    const [first] = [1, 2, 3, 4, 5].map(() => invite());
    const error = errorOf(() => invite());
    expect([error.status, error.code]).toEqual([409, 'too_many_invitations']);
    expect(error.message).toMatch(/take back/);
    pairing.close(first?.record.id ?? '');
    invite();
    expect(outcome(() => invite())).toBe(409);
    pass(10 * minuteMs);
    invite();
  });

  it('of a fourth waiting device at one address, and an eleventh in all, without using the ticket up', () => {
    const { invite, pairing } = openDesk();
    const join = (ip: string, device: string) => {
      const { ticket } = invite();
      return { ticket, error: () => pairing.redeem(byTicket(ticket), visitor(device, ip)) };
    };
    for (const device of ['a', 'b', 'c']) join('10.0.0.1', device).error();
    const fourth = join('10.0.0.1', 'd');
    expect(errorOf(fourth.error)).toMatchObject({
      status: 429,
      code: 'too_many_waiting',
      retryAfterSeconds: 30,
    });
    expect(pairing.redeem(byTicket(fourth.ticket), visitor('d', '10.0.0.2')).status).toBe('waiting');
    for (const number of [3, 4, 5, 6, 7, 8]) join(`10.0.0.${number}`, 'e').error();
    const eleventh = join('10.0.0.9', 'f');
    expect(errorOf(eleventh.error).status).toBe(429);
    pairing.deny(pairing.list().find(({ state }) => state === 'waiting')?.id ?? '');
    expect(eleventh.error()).toMatchObject({ status: 'waiting' });
  });

  it('of decisions about what is not to be decided', () => {
    const { invite, pairing, pass } = openDesk();
    const { record, ticket } = invite();
    expect([outcome(() => pairing.approve(record.id)), outcome(() => pairing.deny(record.id))]).toEqual([
      409, 409,
    ]);
    expect(errorOf(() => pairing.approve('pair_unknown')).status).toBe(404);
    expect(errorOf(() => pairing.close('pair_unknown')).status).toBe(404);
    pairing.redeem(byTicket(ticket), visitor());
    pairing.approve(record.id);
    expect(pairing.approve(record.id).state).toBe('waiting');
    pairing.redeem(byTicket(ticket), visitor());
    expect(errorOf(() => pairing.deny(record.id)).message).toMatch(/revoke the key/);
    expect(outcome(() => pairing.approve(record.id))).toBe(409);
    expect(pairing.close(record.id).state).toBe('joined');
    const other = invite();
    pairing.redeem(byTicket(other.ticket), visitor());
    pass(10 * minuteMs);
    expect(errorOf(() => pairing.approve(other.record.id)).message).toMatch(/expired/);
    expect(pairing.list().find(({ id }) => id === other.record.id)?.state).toBe('expired');
  });
});

describe('what the key is', () => {
  const keyBy = (request: unknown, device = 'laptop') => {
    const desk = openDesk();
    createKey(desk.store, { name: 'Anna’s laptop' }, desk.time.nowMs);
    const { ticket } = desk.invite({ autoApprove: true, ...(request as object) });
    const answer = desk.pairing.redeem(byTicket(ticket), visitor(device));
    if (answer.status !== 'joined') throw new Error('not joined');
    return answer.record;
  };

  it.each([
    [{ person: 'Bo' }, { name: 'Bo’s laptop', person: 'Bo', device: 'laptop' }],
    [{ person: 'Anna' }, { name: 'Anna’s laptop (2)' }],
    [
      { person: 'Bo', device: 'bo-pc' },
      { name: 'bo-pc', person: 'Bo' },
    ],
    [{}, { name: 'laptop', person: null }],
    [
      { person: 'Bo', device: 'desk PC' },
      { name: 'Bo’s desk PC', device: 'desk PC' },
    ],
    [
      { name: 'Anna’s laptop', person: 'Bo' },
      { name: 'Anna’s laptop (2)', person: 'Bo' },
    ],
    [
      { name: 'CI', preset: 'script', team: 'ops' },
      { name: 'CI', preset: 'script', team: 'ops', expiresAt: null },
    ],
    [{ preset: 'guest' }, { preset: 'guest', expiresAt: '2026-11-27T17:00:00.000Z' }],
    [{ preset: 'guest', expiresAt: null }, { expiresAt: null }],
    [{ preset: 'guest', expiresAt: '2026-11-23T00:00:00Z' }, { expiresAt: '2026-11-23T00:00:00.000Z' }],
    [{ person: 'P'.repeat(100) }, { name: 'P'.repeat(100) }],
  ])('%j', (request, expected) => {
    expect(keyBy(request)).toMatchObject(expected);
  });

  it.each([
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a\r\nLog: forged', 'a Log: forged'],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ["=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"],
    ['gnp.\u202eexe', 'gnp. exe'],
    ['Anna’s 👩\u200d💻', 'Anna’s 👩\u200d💻'],
    ['half \ud83d', 'half \ufffd'],
  ])('is named %j as text', (given, shown) => {
    expect(keyBy({}, given)).toMatchObject({ name: shown, device: shown });
  });

  it('is not made for a device whose name cannot be read', () => {
    const { invite, pairing } = openDesk();
    const { ticket } = invite({ autoApprove: true });
    expect(errorOf(() => pairing.redeem(byTicket(ticket), visitor('\u0007\u200b'))).status).toBe(400);
    expect(pairing.list()[0]?.state).toBe('open');
  });

  it('is not promised when it would be expired from the start, and its invitation ends with it', () => {
    const { invite, pairing, pass, time } = openDesk();
    const inMinutes = (count: number) => new Date(time.nowMs + count * minuteMs).toISOString();
    expect(errorOf(() => invite({ expiresAt: inMinutes(0) }))).toMatchObject({
      status: 400,
      param: 'expiresAt',
    });
    const { ticket, record } = invite({ expiresAt: inMinutes(1) });
    expect(record.expiresAt).toBe(inMinutes(1));
    pairing.redeem(byTicket(ticket), visitor());
    pairing.approve(record.id);
    pass(minuteMs);
    expect(outcome(() => pairing.redeem(byTicket(ticket), visitor()))).toBe(410);
  });

  it('has a name of its own even where another bears it as an id', () => {
    const desk = openDesk();
    const { record } = createKey(desk.store, { name: 'first' }, desk.time.nowMs);
    const { ticket } = desk.invite({ autoApprove: true, name: record.id });
    desk.pairing.redeem(byTicket(ticket), visitor());
    expect(findKey(desk.store, `${record.id} (2)`)).not.toBeNull();
  });
});

describe('time', () => {
  it('is left to who came or was approved at the last moment', () => {
    const { invite, pairing, pass } = openDesk();
    const { ticket, record } = invite();
    pass(10 * minuteMs - 1);
    pairing.redeem(byTicket(ticket), visitor());
    pass(2 * minuteMs - 1);
    pairing.approve(record.id);
    pass(minuteMs - 1);
    expect(pairing.redeem(byTicket(ticket), visitor()).status).toBe('joined');
  });

  it('ends the showing of a joined device, and the list after a day', () => {
    const { invite, pairing, pass, store } = openDesk();
    const { ticket } = invite({ autoApprove: true });
    pairing.redeem(byTicket(ticket), visitor());
    pass(10 * minuteMs - 1);
    expect(pairing.look(ticket, 'phone').state).toBe('joined');
    pass(1);
    expect(outcome(() => pairing.look(ticket, 'phone'))).toBe(410);
    pass(24 * 60 * minuteMs);
    expect(pairing.list()).toEqual([]);
    invite();
    expect(store.db.prepare('SELECT count(*) AS count FROM pairings').get()).toEqual({ count: 1 });
  });
});

describe('looking', () => {
  it('tells whom it is for and the code, and uses nothing up', () => {
    const { invite, pairing } = openDesk();
    const { ticket, code, record } = invite({ person: 'Anna', autoApprove: true });
    expect(pairing.look(ticket, 'phone')).toEqual({ record, state: 'open', code });
    expect(pairing.look(ticket, 'phone').state).toBe('open');
    pairing.redeem(byCode(code), visitor());
    expect(pairing.look(ticket, 'phone').state).toBe('waiting');
    pairing.deny(record.id);
    expect(outcome(() => pairing.look(ticket, 'phone'))).toBe(410);
  });
});

describe('at rest', () => {
  it('neither ticket nor code nor key is in the store or the log', () => {
    const desk = openDesk();
    const { ticket, code } = desk.invite({ person: 'Anna', autoApprove: true });
    const answer = desk.pairing.redeem(byTicket(ticket), visitor());
    if (answer.status !== 'joined') throw new Error('not joined');
    const bytes = desk.store.db.serialize().toString('latin1') + desk.logged.join('\n');
    expect(bytes).toContain('laptop');
    for (const secret of [ticket, code, code.replace('-', ''), answer.key, answer.key.slice(8, 30)]) {
      expect(bytes).not.toContain(secret);
    }
    expect(bytes).not.toContain(Buffer.from(ticket, 'base64url').toString('latin1'));
  });
});
