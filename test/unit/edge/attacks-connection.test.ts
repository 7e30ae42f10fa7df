import { describe, expect, it, vi } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { hostnameOf } from '../../../server/http/host-check.ts';
import { setEdgeSettings } from '../../../server/store/edge-settings.ts';
import { startComposed } from '../../fakes/composed.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate, startTestServer, type TestServer } from '../http/harness.ts';
import { isTaken, openSocket, otherComputers, say, statusOf, whole } from './sockets.ts';

const portOf = (server: TestServer): number => Number(new URL(server.url).port);
const real = { clock: systemClock, timers: systemTimers };

async function asked(server: TestServer, ...head: readonly string[]): Promise<string> {
  return say(portOf(server), ...head, 'Connection: close', '', '');
}

function chatHead({ key }: TestServer, ...more: readonly string[]): string {
  return [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    ...more,
    '',
    '',
  ].join('\r\n');
}

/** The process is alive, and still answers. */
async function expectUsable(server: TestServer): Promise<void> {
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}

describe('who is meant', () => {
  it('attack 1: no Host is 400', async () => {
    const server = await startTestServer();
    for (const path of ['/healthz', '/v1/models', '/api/keys']) {
      const answer = await asked(server, `GET ${path} HTTP/1.1`);
      expect([path, statusOf(answer)]).toEqual([path, 400]);
      expect(answer).toContain('"message":"Send a Host header."');
    }
  });

  it.each([
    ['the same twice', ['Host: localhost', 'Host: localhost']],
    ['in other letters', ['Host: localhost', 'HOST: evil.com']],
    ['apart', ['Host: localhost', 'Accept: */*', 'host: 127.0.0.1']],
  ])('attack 2: two Host headers are 400: %s', async (_name, hosts) => {
    const server = await startTestServer();
    for (const line of ['GET /healthz', 'POST /v1/chat/completions']) {
      const answer = await asked(server, `${line} HTTP/1.1`, ...hosts, `X-Api-Key: ${server.key}`);
      expect([line, statusOf(answer)]).toEqual([line, 400]);
    }
  });

  it.each([
    'GET http://evil/v1/models',
    'GET http://localhost/v1/models',
    'GET https://localhost/',
    'GET HTTP://localhost/',
    'POST http://localhost/v1/chat/completions',
  ])('attack 3: an absolute address is 400: %s', async (line) => {
    const server = await startTestServer();
    expect(statusOf(await asked(server, `${line} HTTP/1.1`, 'Host: localhost'))).toBe(400);
  });

  it.each(['evil.com', 'inglenook.local.evil.com', '127.0.0.1.nip.io', 'other.local'])(
    'attack 4: Host %s is 421 before a body is read',
    async (host) => {
      const server = await startTestServer();
      const socket = await openSocket(portOf(server));
      const answer = whole(socket);
      // A body of a megabyte is promised and never sent.
      const head = chatHead(server, 'Content-Length: 1000000', 'Connection: close');
      socket.write(head.replace('Host: localhost', `Host: ${host}`));
      expect(statusOf(await answer)).toBe(421);
      expect([server.running.size, server.rows(), server.engine.seen.requests]).toEqual([0, [], []]);
    },
  );

  it.each(['LOCALHOST.', 'Localhost:1', '127.0.0.1', '[::1]:11500'])(
    'attack 5: our own names are ours however they are written: %s',
    async (host) => {
      const server = await startTestServer();
      expect(statusOf(await asked(server, 'GET /healthz HTTP/1.1', `Host: ${host}`))).toBe(200);
    },
  );
});

// On Linux all of 127.0.0.0/8 is this computer's, so that 127.0.0.2 can play the office's address.
it.runIf(process.platform === 'linux')(
  'attack 5: our name on the network and our own address are ours, on the office’s listener too',
  async () => {
    expect(hostnameOf('INGLENOOK.LOCAL.:11500')).toBe('inglenook.local');
    const address = { address: '127.0.0.2', adapter: 'wlan0', kind: 'network' } as const;
    const server = await startComposed({ readNetwork: async () => ({ addresses: [address], routes: [] }) });
    await server.admin('PUT', '/lan', { on: true });
    const status = async (host: string) =>
      statusOf(await say(server.port, 'GET /healthz HTTP/1.1', `Host: ${host}`, 'Connection: close', '', ''));
    expect([await status('127.0.0.2'), await status(`127.0.0.2.:${server.port}`)]).toEqual([200, 200]);
    expect(await status('127.0.0.2.nip.io')).toBe(421);
  },
);

describe('what is no clean HTTP', () => {
  it.each([
    ['Content-Length and Transfer-Encoding', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['two Content-Lengths', ['Content-Length: 5', 'Content-Length: 6']],
    ['two Content-Lengths in one', ['Content-Length: 5, 6']],
    ['a Content-Length that is no number', ['Content-Length: +5']],
    ['a Content-Length below nothing', ['Content-Length: -1']],
    ['a second Transfer-Encoding', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['a Transfer-Encoding after a tab', ['Transfer-Encoding:\tchunked', 'Content-Length: 5']],
    ['a Transfer-Encoding nobody knows', ['Transfer-Encoding: xchunked']],
    ['chunked, but not at last', ['Transfer-Encoding: chunked, identity']],
  ])(
    'attack 6: a body whose length is in doubt is 400 and the end of the connection: %s',
    async (_name, lengths) => {
      const server = await startTestServer();
      for (const path of ['/healthz', '/v1/chat/completions']) {
        // A second request hides in what one reading takes for the body.
        const answer = await say(
          portOf(server),
          `POST ${path} HTTP/1.1`,
          'Host: localhost',
          `Authorization: Bearer ${server.key}`,
          'Content-Type: application/json',
          ...lengths,
          '',
          '0',
          '',
          'GET /readyz HTTP/1.1',
          'Host: localhost',
          '',
          '',
        );
        expect([path, statusOf(answer)]).toEqual([path, 400]);
        expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1);
      }
    },
  );

  it.each([
    ['lines that end without a carriage return', 'GET /healthz HTTP/1.1\nHost: localhost\n\n'],
    ['NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\n\r\n'],
    ['a header folded over two lines', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\n\r\n'],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n'],
  ])('attack 7: %s is 400', async (_name, request) => {
    const server = await startTestServer();
    expect(statusOf(await say(portOf(server), request))).toBe(400);
    await expectUsable(server);
  });

  it('attack 8: 20 KB of headers or of address are 431', async () => {
    const server = await startTestServer();
    const long = 'a'.repeat(20 * 1024);
    expect(statusOf(await asked(server, 'GET /healthz HTTP/1.1', 'Host: localhost', `X-A: ${long}`))).toBe(
      431,
    );
    expect(statusOf(await asked(server, `GET /${long} HTTP/1.1`, 'Host: localhost'))).toBe(431);
  });

  it('attack 10: CONNECT is closed; TRACE and methods nobody has are 405', async () => {
    const server = await startTestServer();
    expect(await say(portOf(server), 'CONNECT evil.com:443 HTTP/1.1', 'Host: evil.com', '', '')).toBe('');
    for (const method of ['TRACE', 'PROPFIND', 'M-SEARCH', 'FOO', 'GARBAGE-METHOD']) {
      for (const path of ['/', '/v1/chat/completions', '/healthz', '/api/keys', '/nothing']) {
        const answer = await asked(server, `${method} ${path} HTTP/1.1`, 'Host: localhost');
        expect([method, path, statusOf(answer)]).toEqual([method, path, 405]);
        expect(answer).toMatch(/^Allow: .*GET/m);
      }
    }
    await expectUsable(server);
  });

  it('an upgrade is not done: WebSocket is 400, h2c is passed over', async () => {
    const server = await startTestServer();
    const upgrade = [
      'Host: localhost',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: a',
      'Sec-WebSocket-Version: 13',
    ];
    const answer = await say(
      portOf(server),
      'GET /v1/responses HTTP/1.1',
      ...upgrade,
      'Upgrade: websocket',
      'Connection: close',
      '',
      '',
    );
    expect(statusOf(answer)).toBe(400);
    const offered = await say(
      portOf(server),
      'GET /healthz HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings, close',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
      '',
      '',
    );
    expect(statusOf(offered)).toBe(200);
  });
});

describe('who takes all the time in the world', () => {
  const quick = () => ({
    times: { firstByteMs: 300, headersMs: 300, requestMs: 600, checkMs: 50 },
  });

  it('attack 11: a head of which a byte comes now and then is 408', async () => {
    const server = await startTestServer({}, real, quick);
    const socket = await openSocket(portOf(server));
    const answer = whole(socket);
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    const drip = setInterval(() => socket.write('a'), 40);
    expect(statusOf(await answer)).toBe(408);
    clearInterval(drip);
    await expectUsable(server);
  });

  it.each([
    ['comes byte by byte', true],
    ['is shorter than it says', false],
  ])('attack 12: a body that %s is 408, and takes no place of a model', async (_name, isDripping) => {
    const server = await startTestServer({ slots: 1 }, real, quick);
    const socket = await openSocket(portOf(server));
    const answer = whole(socket);
    socket.write(`${chatHead(server, 'Content-Length: 5000')}{"model":"fake-model",`);
    const drip = setInterval(() => isDripping && socket.write(' '), 40);
    expect((await server.chat()).status).toBe(200);
    expect(statusOf(await answer)).toBe(408);
    clearInterval(drip);
    expect(server.engine.seen).toMatchObject({ active: 0, loads: 1 });
    await vi.waitUntil(() => server.running.size === 0);
  });

  it('an answer may take longer than a request may: streams last as long as they must', async () => {
    const held = gate();
    const server = await startTestServer(
      { beforePart: (index) => (index === 2 ? held.opened : undefined) },
      real,
      quick,
    );
    const stream = (await server.chat({ stream: true })).text();
    await vi.waitUntil(() => server.engine.seen.active === 1);
    // Twice as long as any request has: two others have run out of their time since.
    for (let round = 0; round < 2; round += 1) {
      const answer = await say(portOf(server), chatHead(server, 'Content-Length: 5000'), '{');
      expect(statusOf(answer)).toBe(408);
    }
    held.open();
    expect(await stream).toContain('[DONE]');
  });

  it('who shows no valid key is refused before the body has come', async () => {
    const server = await startTestServer();
    for (const path of ['/v1/chat/completions', '/v1/messages', '/v1/responses', '/v1/embeddings']) {
      const head = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 30000000'];
      const answer = await say(
        portOf(server),
        `POST ${path} HTTP/1.1`,
        ...head,
        'Connection: close',
        '',
        '{',
      );
      expect([path, statusOf(answer)]).toEqual([path, 401]);
    }
  });

  it('attack 13: a connection that says nothing is closed', async () => {
    const server = await startTestServer({}, real, quick);
    expect(await whole(await openSocket(portOf(server)))).toBe('');
    await vi.waitUntil(() => server.edge.connections.counts().loopback === 0);
  });

  it('attack 15: a reader who takes nothing is paused, and dropped after 30 s with its generation', async () => {
    const time = createManualTime();
    let said = 0;
    const words = Array.from({ length: 2000 }, () => 'x'.repeat(64 * 1024));
    const server = await startTestServer({ answer: { words }, beforePart: () => void (said += 1) }, time);
    const socket = await openSocket(portOf(server));
    const body = JSON.stringify({
      model: 'fake-model',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    });
    socket.write(chatHead(server, `Content-Length: ${body.length}`) + body);
    let before = -1;
    const isStill = (): boolean => {
      const still = said > 10 && said === before;
      before = said;
      return still;
    };
    await vi.waitUntil(isStill, { timeout: 8000, interval: 100 });
    expect(said).toBeLessThan(words.length);
    for (const { response } of server.running) expect(response.writableLength).toBeLessThan(2 ** 20 * 1.25);
    time.advance(30_000);
    await vi.waitUntil(() => server.engine.seen.active === 0);
    expect(server.engine.seen.cancelled).toBe(1);
    expect(server.running.size).toBe(0);
  });

  it('attack 16: who leaves in the middle is billed for what was said, and frees the place', async () => {
    const held = gate();
    const server = await startTestServer({
      slots: 1,
      beforePart: (index) => (index === 3 ? held.opened : undefined),
    });
    const leaving = new AbortController();
    const response = await server.chat({ stream: true }, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await vi.waitUntil(() => server.engine.seen.active === 0);
    held.open();
    await vi.waitUntil(() => server.rows().length === 1);
    const [row] = server.rows();
    expect(row).toMatchObject({ status: 'cancelled', httpStatus: 499, promptTokens: 12 });
    expect(row?.completionTokens).toBeGreaterThan(0);
    expect(row?.completionTokens).toBeLessThan(5);
    expect((await server.chat()).status).toBe(200);
  });

  it('attack 24: a body over the limit without a length is 413, and is not read on', async () => {
    const server = await startTestServer();
    const socket = await openSocket(portOf(server));
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const answered = new Promise<void>((resolve) => void socket.once('data', () => resolve()));
    socket.write(chatHead(server, 'Transfer-Encoding: chunked'));
    const piece = 'x'.repeat(1024 * 1024);
    const chunk = `${piece.length.toString(16)}\r\n${piece}\r\n`;
    let sentMegabytes = 0;
    while (answer === '' && sentMegabytes < 200) {
      const sent = new Promise<void>((resolve) => void socket.write(chunk, () => resolve()));
      await Promise.race([sent, answered]);
      sentMegabytes += 1;
    }
    expect(statusOf(answer)).toBe(413);
    // 32 MiB are the limit; beyond it only what the system's buffers hold is taken.
    expect(sentMegabytes).toBeLessThan(64);
  });
});

describe('many connections', () => {
  it('attack 14: of 65 from one address the last is refused, and this computer still gets in', async () => {
    const others = otherComputers();
    const server = await startTestServer({}, real, others.front);
    others.come('192.168.1.5');
    const port = portOf(server);
    const first = await Promise.all(Array.from({ length: 16 }, async () => isTaken(await openSocket(port))));
    expect(first).toEqual(Array.from({ length: 16 }, () => true));
    expect(await isTaken(await openSocket(port))).toBe(false);
    server.edge.authenticated('192.168.1.5');
    const rest: boolean[] = [];
    for (let index = 16; index < 64; index += 1) rest.push(await isTaken(await openSocket(port)));
    expect(rest).not.toContain(false);
    expect(await isTaken(await openSocket(port))).toBe(false);
    others.home();
    await expectUsable(server);
  });

  it('a key that holds lets its address have more of them', async () => {
    const others = otherComputers();
    const server = await startTestServer({}, real, others.front);
    others.come('192.168.1.5');
    const opened: boolean[] = [];
    for (let index = 0; index < 15; index += 1) opened.push(await isTaken(await openSocket(portOf(server))));
    const answer = await asked(
      server,
      'GET /v1/models HTTP/1.1',
      'Host: localhost',
      `Authorization: Bearer ${server.key}`,
    );
    expect(statusOf(answer)).toBe(200);
    for (let index = 0; index < 10; index += 1) opened.push(await isTaken(await openSocket(portOf(server))));
    expect(opened).not.toContain(false);
  });
});

describe('who asks', () => {
  const forwarded = (server: TestServer, said: string) =>
    server.chat(
      {},
      {
        headers: {
          authorization: `Bearer ${server.key}`,
          'content-type': 'application/json',
          'x-forwarded-for': said,
        },
      },
    );

  it('attack 52: X-Forwarded-For counts from trusted proxies alone, and there the right-most that is none', async () => {
    const server = await startTestServer();
    expect((await forwarded(server, '127.0.0.9')).status).toBe(200);
    setEdgeSettings(server.store, { trustedProxies: ['127.0.0.1', '10.0.0.0/24'] });
    expect((await forwarded(server, '127.0.0.1, 203.0.113.9, 10.0.0.7')).status).toBe(200);
    expect((await forwarded(server, 'nonsense')).status).toBe(400);
    setEdgeSettings(server.store, { trustedProxies: [] });
    expect((await forwarded(server, '203.0.113.9')).status).toBe(200);
    expect(server.rows().map(({ ip }) => ip)).toEqual(['127.0.0.1', '203.0.113.9', '127.0.0.1']);
  });

  it('attack 53: the allow-list is the same for an address inside IPv6 as for the IPv4 address', async () => {
    const others = otherComputers();
    const server = await startTestServer({}, real, others.front);
    setEdgeSettings(server.store, { allow: ['192.168.1.0/28'] });
    const statusFrom = async (address: string) => {
      others.come(address);
      const answer = await asked(
        server,
        'GET /v1/models HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${server.key}`,
      );
      return statusOf(answer);
    };
    expect(await statusFrom('192.168.1.5')).toBe(200);
    expect(await statusFrom('::ffff:192.168.1.5')).toBe(200);
    expect(await statusFrom('192.168.1.16')).toBe(403);
    expect(await statusFrom('::ffff:192.168.1.16')).toBe(403);
    others.home();
    await expectUsable(server);
  });
});
