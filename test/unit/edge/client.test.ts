import { createServer, IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toAppError } from '../../../server/core/errors.ts';
import { clientOf, compileProxies, readClient } from '../../../server/edge/client.ts';

type Peer = {
  readonly remote?: string;
  readonly local?: string;
  readonly encrypted?: boolean;
  readonly httpVersion?: string;
};

/** A request as Node gives it, from wherever the test says. */
function request(headers: Record<string, string>, { remote, local, encrypted, httpVersion }: Peer = {}) {
  const socket = {
    remoteAddress: remote ?? '127.0.0.1',
    localAddress: local ?? '127.0.0.1',
    encrypted: encrypted ?? false,
  };
  const message = new IncomingMessage(socket as unknown as Socket);
  message.httpVersion = httpVersion ?? '1.1';
  Object.assign(message.headers, headers);
  return message;
}

function read(message: IncomingMessage, trusted: readonly string[] = [], isOwnProgram = false) {
  return readClient(message, {
    isTrustedProxy: compileProxies(trusted),
    isOwnProgram: () => isOwnProgram,
  });
}

describe('without a proxy the connection tells who it is', () => {
  it.each([
    ['192.168.1.5', '192.168.1.5', '192.168.1.5'],
    ['::ffff:192.168.1.5', '192.168.1.5', '192.168.1.5'],
    ['fe80::1%eth0', 'fe80::1', 'fe80::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::7', '2001:db8::7', '2001:db8:0:0::/64'],
    ['::1', '::1', '::1'],
  ])('%s', (remote, address, group) => {
    expect(read(request({}, { remote }))).toMatchObject({ address, group, via: null });
  });

  it('attack 52: nobody outside the list is believed, whatever headers say', () => {
    const said = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', 'x-forwarded-proto': 'https' };
    expect(read(request(said, { remote: '192.168.1.5', local: '192.168.1.20' }))).toMatchObject({
      address: '192.168.1.5',
      isThisComputer: false,
      isSecure: false,
    });
    expect(read(request(said, { remote: '192.168.1.5' }), ['192.168.1.6'])).toMatchObject({
      address: '192.168.1.5',
      isSecure: false,
    });
  });
});

describe('this computer', () => {
  it('is both ends on loopback, whichever kind', () => {
    expect(read(request({}))).toMatchObject({ isThisComputer: true });
    expect(read(request({}, { remote: '::1', local: '::1' }))).toMatchObject({ isThisComputer: true });
    expect(read(request({}, { local: '192.168.1.20' }))).toMatchObject({ isThisComputer: false });
    expect(read(request({}, { remote: '192.168.1.5' }))).toMatchObject({ isThisComputer: false });
    expect(read(request({}, { remote: '127.0.0.1.evil' }))).toMatchObject({ isThisComputer: false });
  });

  it.each([
    'x-forwarded-for',
    'forwarded',
    'x-real-ip',
    'x-forwarded-proto',
    'x-forwarded-host',
    'via',
    'cf-connecting-ip',
  ])('is not what comes by a proxy on it: %s', (name) => {
    expect(read(request({ [name]: '127.0.0.1' }))).toMatchObject({
      isThisComputer: false,
      isForwarded: true,
    });
  });

  it('nor what speaks as only proxies do', () => {
    expect(read(request({}, { httpVersion: '1.0' }))).toMatchObject({ isThisComputer: false });
  });

  it('nor, where a trusted proxy is at that address, who does not show a secret of this computer', () => {
    expect(read(request({}), ['127.0.0.1'])).toMatchObject({ isThisComputer: false, address: '127.0.0.1' });
    expect(read(request({}), ['127.0.0.1'], true)).toMatchObject({ isThisComputer: true });
    expect(read(request({ 'x-forwarded-for': '10.0.0.5' }), ['127.0.0.1'], true)).toMatchObject({
      isThisComputer: false,
    });
    expect(read(request({}, { remote: '::1', local: '::1' }), ['127.0.0.1'])).toMatchObject({
      isThisComputer: true,
    });
  });
});

describe('behind a trusted proxy', () => {
  const trusted = ['127.0.0.1', '10.0.0.0/24'];
  it.each([
    ['attack 52: three hops, two of them ours', 'evil, 203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['attack 52: the left-most is whatever the client wrote', '127.0.0.1, 192.168.1.5', '192.168.1.5'],
    ['one hop', '192.168.1.5', '192.168.1.5'],
    ['one of the proxies itself asks', '10.0.0.7', '10.0.0.7'],
    ['with a port', '192.168.1.5:4711', '192.168.1.5'],
    ['IPv6 with brackets and port', '[2001:DB8::7]:4711', '2001:db8::7'],
    ['IPv4 within IPv6', '::ffff:c0a8:105', '192.168.1.5'],
    ['nothing but loopback', '127.0.0.1', '127.0.0.1'],
  ])('%s', (_name, said, address) => {
    const client = read(request({ 'x-forwarded-for': said }), trusted);
    expect(client).toMatchObject({ address, via: '127.0.0.1', isThisComputer: false });
  });

  it.each(['unknown', 'evil.example', '', '192.168.1.5, nonsense', '1.2.3', "' OR 1=1--"])(
    'an address that is none is refused: %j',
    (said) => {
      let refusal: unknown = null;
      try {
        read(request({ 'x-forwarded-for': said }), trusted);
      } catch (error) {
        refusal = error;
      }
      expect(toAppError(refusal)).toMatchObject({ status: 400, code: 'forwarded_for_unreadable' });
    },
  );

  it.each([
    ['https', true],
    ['HTTPS', true],
    ['http', false],
    ['https, http', false],
    ['https,https', true],
    ['', false],
  ])('it was reached by %j: secure is %s', (proto, isSecure) => {
    const headers = { 'x-forwarded-for': '192.168.1.5', 'x-forwarded-proto': proto };
    expect(read(request(headers), trusted)).toMatchObject({ isSecure });
  });

  it('https between the proxy and us does not make the client’s part of the way secure', () => {
    const headers = { 'x-forwarded-for': '192.168.1.5', 'x-forwarded-proto': 'http' };
    expect(read(request(headers, { encrypted: true }), trusted)).toMatchObject({ isSecure: false });
    expect(read(request({}, { encrypted: true }), [])).toMatchObject({ isSecure: true });
  });
});

it('a request nobody has looked at is told by its connection alone', async () => {
  const server = createServer((incoming, response) => response.end(JSON.stringify(clientOf(incoming))));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.5\r\nConnection: close\r\n\r\n');
  expect(await text(socket)).toContain('"address":"127.0.0.1"');
});
