import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import type { TLSSocket } from 'node:tls';
import type { FrontOptions } from '../../../server/http/front.ts';
import { listenOnLoopback } from '../../../server/http/listen.ts';
import { ask, begunHttps, listening, met, shaken } from './certificates.ts';

async function front(options: FrontOptions = {}) {
  const { https } = await begunHttps();
  const ca = https.authority()?.authority.certificate ?? '';
  const port = await listening(
    (request, response) =>
      response.end((request.socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'),
    { certificates: https.served, ...options },
  );
  return { https, port, ca };
}

/** Sends bytes as they are; the text until the other side closes. */
async function raw(port: number, bytes: string | Buffer, ends = true): Promise<string> {
  const socket = connectPlain(port, '127.0.0.1');
  if (ends) socket.end(bytes);
  else socket.write(bytes);
  return await text(socket);
}

const get = (connection: 'close' | 'keep-alive'): string =>
  `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: ${connection}\r\n\r\n`;

test('one port speaks http and https, by the first byte', async () => {
  const { port, ca } = await front();
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('http');
  expect(await ask({ host: '127.0.0.1', port, ca })).toMatchObject({ status: 200, text: 'https' });
});

test('a connection is used for many requests, whether plain or encrypted', async () => {
  const { port, ca } = await front();
  for (const socket of [connectPlain(port, '127.0.0.1'), await shaken(port, ca)]) {
    const all = text(socket);
    socket.write(get('keep-alive') + get('keep-alive'));
    socket.write(get('close'));
    expect((await all).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
  }
});

test('a request that comes byte by byte, or with the end of the stream right behind it, is answered', async () => {
  const { port } = await front();
  expect(await raw(port, get('close'))).toContain('200 OK');
  const socket = connectPlain(port, '127.0.0.1').setNoDelay(true);
  const all = text(socket);
  for (const byte of get('close')) {
    socket.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await all).toContain('200 OK');
});

test('a body larger than any buffer comes through both whole', async () => {
  const { https } = await begunHttps();
  const ca = https.authority()?.authority.certificate;
  const port = await listening(
    (request, response) => void text(request).then((body) => response.end(String(body.length))),
    { certificates: https.served },
  );
  const body = 'x'.repeat(5_000_000);
  expect(await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body })).text()).toBe('5000000');
  expect((await ask({ host: '127.0.0.1', port, ca, method: 'POST' }, body)).text).toBe('5000000');
});

test('TLS before 1.2 is refused, and of the protocols only HTTP/1.1 is chosen', async () => {
  const { port, ca } = await front();
  const old = connectTls({ host: '127.0.0.1', port, ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
  await expect(once(old, 'secureConnect')).rejects.toThrow(/version|alert|ssl/i);
  const both = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2', 'http/1.1'] });
  onTestFinished(() => void both.destroy());
  await once(both, 'secureConnect');
  expect([both.alpnProtocol, both.getProtocol()]).toEqual(['http/1.1', 'TLSv1.3']);
  await expect(
    once(connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2'] }), 'secureConnect'),
  ).rejects.toThrow(/no application protocol/i);
});

const hello = Buffer.from('160301000a0100000603030000', 'hex');

test.each([
  ['a TLS hello where there is no certificate', { certificates: null }, hello, ''],
  ['a broken TLS hello', {}, hello, ''],
  ['HTTP/2 in plain', {}, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'HTTP/1.1 400'],
  ['noise', {}, Buffer.from([0, 255, 1, 2]), 'HTTP/1.1 400'],
  ['SSL 2', {}, Buffer.from('802e010002', 'hex'), 'HTTP/1.1 400'],
])(
  'attack 9: %s is ended cleanly, and the process lives',
  async (_name, options: FrontOptions, bytes, start) => {
    const { port } = await front(options);
    const answer = await raw(port, bytes);
    if (start === '') expect(answer).not.toContain('HTTP/1.1');
    else expect(answer.startsWith(start)).toBe(true);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  },
);

test('attack 9: HTTP/2 inside TLS is 400', async () => {
  const { port, ca } = await front();
  const socket = await shaken(port, ca);
  const all = text(socket);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  expect(await all).toMatch(/^HTTP\/1\.1 400 /);
});

/** Short, so that nobody waits; that they hold as they are is shown in `front.slow.test.ts`. */
const short = { firstByteMs: 50, handshakeMs: 50, headersMs: 50, requestMs: 60, checkMs: 20 };

test('attack 13: who says nothing is closed, and who says nothing after the handshake', async () => {
  const { port, ca } = await front({ times: short });
  expect(await raw(port, '', false)).toBe('');
  const socket = await shaken(port, ca);
  expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
});

test('attack 11: through the sniffing port a head that never ends is 408, plain and encrypted', async () => {
  const { port, ca } = await front({ times: short });
  expect(await raw(port, 'GET / HTTP/1.1\r\nHost:', false)).toMatch(/^HTTP\/1\.1 408 /);
  const socket = await shaken(port, ca);
  const all = text(socket);
  socket.write('GET / HTTP/1.1\r\nHost:');
  expect(await all).toMatch(/^HTTP\/1\.1 408 /);
});

test('a handshake that never ends is closed, also while a byte comes now and then', async () => {
  const { port } = await front({ times: short });
  expect(await raw(port, hello.subarray(0, 5), false)).toBe('');
  const socket = connectPlain(port, '127.0.0.1');
  // What still drips when the server closes is answered by a reset.
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const drip = setInterval(() => socket.write(Buffer.from([1])), 10);
  socket.write(Buffer.from('1603014000', 'hex'));
  socket.resume();
  await closed;
  clearInterval(drip);
});

test('whoever is not admitted is ended before a byte of it is read', async () => {
  let asked = 0;
  const { port } = await front({ admit: () => (asked += 1) > 1 });
  // What we have sent is not read, so the end may come as a reset.
  expect(await raw(port, get('close')).catch(() => '')).toBe('');
  expect(asked).toBe(1);
  expect(await raw(port, get('close'))).toContain('200 OK');
});

test('closing ends what is silent or idle, waits for what runs, and closeNow ends the rest', async () => {
  const { https } = await begunHttps();
  const ca = https.authority()?.authority.certificate ?? '';
  const begun = Promise.withResolvers<() => void>();
  const listener = await listenOnLoopback(
    (request, response) => {
      if (request.url === '/slow') begun.resolve(() => void response.end('done'));
      else response.end('ok');
    },
    0,
    { certificates: https.served },
  );
  const silent = connectPlain(listener.port, '127.0.0.1');
  const idle: Socket[] = [connectPlain(listener.port, '127.0.0.1'), await shaken(listener.port, ca)];
  for (const socket of idle) {
    socket.write(get('keep-alive'));
    await once(socket, 'data');
  }
  const slow = ask({ host: '127.0.0.1', port: listener.port, ca, path: '/slow' });
  const finish = await begun.promise;
  const closed = listener.close();
  for (const socket of [silent, ...idle]) {
    socket.resume();
    if (!socket.closed) await once(socket, 'close');
  }
  finish();
  expect((await slow).text).toBe('done');
  await closed;
});

test('a new certificate is met by the next connection, while a stream on the old one goes on', async () => {
  const { https } = await begunHttps();
  const ca = https.authority()?.authority.certificate ?? '';
  const streams: ((chunk: string | null) => void)[] = [];
  const port = await listening(
    (_request, response) => {
      response.write('begun ');
      streams.push((chunk) => void (chunk === null ? response.end() : response.write(chunk)));
    },
    { certificates: https.served },
  );
  const stream = await shaken(port, ca);
  const before = stream.getPeerCertificate().fingerprint256;
  const all = text(stream);
  stream.write(get('close'));
  await expect.poll(() => streams.length).toBe(1);

  await https.follow({ addresses: ['192.168.1.99'], names: [] });
  const after = await met(port, ca);
  expect(after.fingerprint256).not.toBe(before);
  expect(after.subjectaltname).toContain('192.168.1.99');
  streams[0]?.('and ended');
  streams[0]?.(null);
  expect(await all).toContain('and ended');
});
