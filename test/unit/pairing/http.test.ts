import { beforeEach, describe, expect, it } from 'vitest';
import { createPairingRequest, looked, redeemed, redeemWaiting } from '../../../server/wire/pairing.ts';
import { startPairServer, type PairServer } from './pair-server.ts';

let server: PairServer;
beforeEach(async () => {
  server = await startPairServer();
});

const invite = (request: unknown = {}) => server.pairing.create(createPairingRequest.parse(request));
const redeem = (body: unknown) => server.post('/pair/redeem', body);

describe('redeeming', () => {
  it('leads from 202 to 200 with a key that works, once, and then to 410', async () => {
    const { ticket, record } = invite({ person: 'Anna', models: ['fake-model'] });
    const waiting = await redeem({ ticket, device: 'laptop' });
    expect(waiting.status).toBe(202);
    const { matchCode, intervalSeconds } = redeemWaiting.parse(waiting.json);
    expect([matchCode, intervalSeconds]).toEqual([expect.stringMatching(/^\d\d$/), 2]);
    expect(server.pairing.list()[0]?.join?.matchCode).toBe(matchCode);
    expect((await redeem({ ticket, device: 'laptop' })).json.matchCode).toBe(matchCode);

    server.pairing.approve(record.id);
    const joined = await redeem({ ticket, device: 'laptop' });
    expect(joined.status).toBe(200);
    expect(joined.headers['cache-control']).toBe('no-store');
    const answer = redeemed.parse(joined.json);
    expect(answer).toMatchObject({
      status: 'joined',
      baseUrl: `${server.origin}/v1`,
      models: ['fake-model'],
      plain: true,
      keyExpiresAt: null,
    });
    expect(JSON.stringify(answer.guides)).toContain(answer.key);
    expect((await redeem({ ticket, device: 'laptop' })).status).toBe(410);

    const headers = { authorization: `Bearer ${answer.key}`, 'user-agent': 'continue/1.2' };
    const models = await server.send('GET', '/v1/models', { headers });
    expect(models.json.data.map(({ id }: { id: string }) => id)).toEqual(['fake-model']);
    const body = { model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] };
    expect((await server.send('POST', '/v1/chat/completions', { headers, body })).status).toBe(200);
    const keys = await server.asOwner('GET', '/api/keys');
    expect(keys.json).toEqual([
      expect.objectContaining({
        name: 'Anna’s laptop',
        preset: 'teammate',
        pairedFrom: '127.0.0.1',
        lastIp: '127.0.0.1',
        lastHost: '127.0.0.1',
        lastClient: 'continue/1.2',
        plain: true,
      }),
    ]);
  });

  it('tells the address as the device knows it', async () => {
    const { ticket } = invite({ autoApprove: true });
    const host = `LOCALHOST.:${new URL(server.origin).port}`;
    const joined = await server.send('POST', '/pair/redeem', {
      headers: { host },
      body: { ticket, device: 'd' },
    });
    expect(joined.json.baseUrl).toBe(`http://localhost:${new URL(server.origin).port}/v1`);
  });

  it('attack 39: gives one key to fifty at the same time, and the owner hears of the others', async () => {
    const { ticket } = invite({ autoApprove: true });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, number) => redeem({ ticket, device: `device ${number}` })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 410)]);
    expect((await server.asOwner('GET', '/api/keys')).json).toHaveLength(1);
    expect(server.pairing.list()[0]).toMatchObject({ state: 'joined', triedAgainFrom: '127.0.0.1' });
  });

  it('gives one key to fifty polls of the approved device at the same time', async () => {
    const { ticket, record } = invite();
    await redeem({ ticket, device: 'laptop' });
    server.pairing.approve(record.id);
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem({ ticket, device: 'laptop' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(49);
    expect((await server.asOwner('GET', '/api/keys')).json).toHaveLength(1);
  });

  it('attack 40: answers unknown, used, expired, denied and closed byte for byte alike', async () => {
    const used = invite({ autoApprove: true });
    await redeem({ ticket: used.ticket, device: 'laptop' });
    const denied = invite();
    await redeem({ ticket: denied.ticket, device: 'laptop' });
    server.pairing.deny(denied.record.id);
    const closed = invite();
    server.pairing.close(closed.record.id);
    const expired = invite();
    const taken = invite();
    await redeem({ ticket: taken.ticket, device: 'another' });
    const answers = [await redeem({ ticket: taken.ticket, device: 'laptop' })];
    server.time.nowMs += 10 * 60_000;
    for (const { ticket, code } of [used, denied, closed, expired]) {
      answers.push(await redeem({ ticket, device: 'laptop' }), await redeem({ code, device: 'laptop' }));
    }
    answers.push(await redeem({ ticket: 'unknown', device: 'laptop' }));
    answers.push(await redeem({ code: 'BCDF-GHJK', device: 'laptop' }));
    answers.push(await server.post('/pair/look', { ticket: expired.ticket }));
    const seen = answers.map(({ status, text, headers }) => {
      const { date: _date, ...rest } = headers;
      return JSON.stringify({ status, text, rest });
    });
    expect(new Set(seen).size).toBe(1);
    expect(answers[0]?.status).toBe(410);
    expect(answers[0]?.json.error).toMatchObject({ code: 'pairing_gone', type: 'invalid_request_error' });
  });

  it('answers 429 with Retry-After after five wrong ones', async () => {
    for (let count = 0; count < 5; count++) {
      expect((await redeem({ code: 'ZZZZ-ZZZZ', device: 'd' })).status).toBe(410);
    }
    const blocked = await redeem({ code: 'ZZZZ-ZZZZ', device: 'd' });
    expect([blocked.status, blocked.headers['retry-after']]).toEqual([429, '600']);
    expect((await server.post('/pair/look', { ticket: 'x' })).status).toBe(429);
  });

  it('attack 38: takes no wish of who redeems', async () => {
    const { ticket } = invite({ autoApprove: true, models: ['fake-model'], preset: 'guest' });
    const wishes = {
      role: 'ops',
      models: ['another'],
      expiresAt: null,
      preset: 'teammate',
      autoApprove: true,
      name: 'mine',
      person: 'boss',
      team: 'x',
      ip: '1.2.3.4',
    };
    const joined = await redeem({ ticket, device: 'laptop', ...wishes });
    expect(joined.json).toMatchObject({ models: ['fake-model'], keyExpiresAt: expect.any(String) });
    const [key] = (await server.asOwner('GET', '/api/keys')).json;
    expect(key).toMatchObject({ role: 'inference', models: ['fake-model'], preset: 'guest', person: null });
    expect(key).toMatchObject({ team: null, name: 'laptop', pairedFrom: '127.0.0.1' });
    const approved = invite();
    expect((await redeem({ ticket: approved.ticket, device: 'd', autoApprove: true })).status).toBe(202);
  });

  it('attack 45: keeps a hostile device name on one line of the log', async () => {
    const { ticket } = invite();
    await redeem({
      ticket,
      device: 'x\r\n{"level":"info","message":"forged"}\u001b[2J<img onerror=alert(1)>',
    });
    expect(server.pairing.list()[0]?.join?.device).toBe(
      'x {"level":"info","message":"forged"} [2J<img onerror=alert(1)>',
    );
    // oxlint-disable-next-line no-control-regex
    expect(server.logged.join('\n')).not.toMatch(/\\r|\\u001b|\u001b/);
  });
});

describe('what is malformed', () => {
  const json = 'application/json';
  it.each([
    ['no body', undefined, json, 400],
    ['not JSON', '{"ticket":', json, 400],
    ['a list', '[]', json, 400],
    ['no device', '{"ticket":"x"}', json, 400],
    ['an empty device', '{"ticket":"x","device":" "}', json, 400],
    ['a long device', JSON.stringify({ ticket: 'x', device: 'd'.repeat(101) }), json, 400],
    ['an unreadable device', '{"ticket":"x","device":"\\u0007"}', json, 400],
    ['neither ticket nor code', '{"device":"d"}', json, 400],
    ['a ticket that is no text', '{"ticket":5,"device":"d"}', json, 400],
    ['a long code', JSON.stringify({ code: 'B'.repeat(41), device: 'd' }), json, 400],
    ['__proto__', '{"__proto__":{"admin":true},"ticket":"x","device":"d"}', json, 400],
    ['a form', 'code=BCDF-GHJK&device=d', 'application/x-www-form-urlencoded', 415],
    ['text', '{"code":"BCDF-GHJK","device":"d"}', 'text/plain', 415],
    ['too much', JSON.stringify({ ticket: 'x', device: 'd', more: 'm'.repeat(16 * 1024) }), json, 413],
  ])('%s is refused and does not count as a guess', async (_what, body, type, status) => {
    for (let count = 0; count < 6; count++) {
      const options =
        body === undefined
          ? { headers: { 'content-type': json, 'content-length': '0' } }
          : { body, headers: { 'content-type': type } };
      const answer = await server.send('POST', '/pair/redeem', options);
      expect([answer.status, answer.json.error.message]).toEqual([status, expect.any(String)]);
    }
    expect((await redeem({ ticket: 'unknown', device: 'd' })).status).toBe(410);
  });

  it('is a sentence that says what to send', async () => {
    const { json: body } = await redeem({ device: 'd' });
    expect(body.error).toMatchObject({ message: expect.stringContaining('"ticket" or "code"'), param: null });
  });
});

describe('looking', () => {
  it('tells what a ticket is for, as often as wanted', async () => {
    const { ticket, code } = invite({ person: 'Anna', device: 'desk PC', autoApprove: true });
    const look = async () => {
      const answer = await server.post('/pair/look', { ticket });
      expect(answer.status).toBe(200);
      return looked.parse(answer.json);
    };
    const first = await look();
    expect(first).toMatchObject({
      office: 'Inglenook on desk-1',
      person: 'Anna',
      device: 'desk PC',
      state: 'open',
      code,
      shortAddress: `${new URL(server.origin).host}/pair`,
      plain: true,
    });
    expect(await look()).toEqual(first);
    await redeem({ code, device: 'desk PC' });
    expect((await look()).state).toBe('waiting');
    server.pairing.approve(server.pairing.list()[0]?.id ?? '');
    await redeem({ code, device: 'desk PC' });
    expect((await look()).state).toBe('joined');
  });
});

describe('the page', () => {
  it('attack 42, attack 43: consumes nothing, is kept by nobody, framed by nobody, and runs only what is ours', async () => {
    const { ticket } = invite({ autoApprove: true });
    for (const path of ['/pair', '/pair/', `/pair?t=${ticket}`]) {
      const page = await server.send('GET', path);
      expect(page.status).toBe(200);
      expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      const policy = String(page.headers['content-security-policy']);
      const nonce = /content="([^"]+)"/.exec(page.text)?.[1] ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain(`'nonce-${nonce}'`);
      expect(page.text).toContain('src="/pair/assets/pair-1.js"');
    }
    expect((await server.send('HEAD', '/pair')).status).toBe(200);
    expect((await server.send('GET', '/pair/assets/pair-1.js')).text).toBe('console.log(1)');
    expect((await redeem({ ticket, device: 'd' })).status).toBe(200);
  });
});

describe('other requests', () => {
  it.each([
    ['PUT', '/pair', 405, 'GET'],
    ['GET', '/pair/redeem', 405, 'POST'],
    ['DELETE', '/pair/look', 405, 'POST'],
    ['GET', '/pair/else', 404, undefined],
    ['GET', '/pair/assets/none.js', 404, undefined],
    ['GET', '/pair/assets/%2e%2e/pair.html', 404, undefined],
  ])('%s %s is %i as JSON', async (method, path, status, allow) => {
    const answer = await server.send(method, path);
    expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
    expect(answer.json.error.message).toEqual(expect.any(String));
  });

  it.each([
    ['another website', { origin: 'http://evil.example' }],
    ['a local file', { origin: 'null' }],
    ['another port of ours', { origin: 'http://127.0.0.1:1' }],
    ['a site, said by the browser', { 'sec-fetch-site': 'cross-site' }],
  ])('from %s are refused and change nothing', async (_who, headers) => {
    const { ticket } = invite({ autoApprove: true });
    for (const path of ['/pair/redeem', '/pair/look']) {
      const answer = await server.send('POST', path, { headers, body: { ticket, device: 'd' } });
      expect([answer.status, answer.json.error.code]).toEqual([403, 'foreign_origin']);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    expect(server.pairing.list()[0]?.state).toBe('open');
    const own = await server.send('POST', '/pair/redeem', {
      headers: { origin: server.origin, 'sec-fetch-site': 'same-origin' },
      body: { ticket, device: 'd' },
    });
    expect(own.status).toBe(200);
  });

  it('under a foreign name are turned away', async () => {
    const answer = await server.send('GET', '/pair', { headers: { host: 'evil.example' } });
    expect(answer.status).toBe(421);
  });
});
