import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import {
  classOfAddress,
  EgressRefused,
  guardedLookup,
  officeLookup,
  readWebAddress,
  requireRedirect,
} from '../../../server/core/egress.ts';
import { fetchImage, type FetchImageOptions } from '../../../server/core/fetch-image.ts';
import { refused, startHouse, type House } from './house.ts';

async function startSource(
  listener: RequestListener,
): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0;
  const server = createServer(listener).listen(0, '127.0.0.1');
  server.on('connection', () => void (visits += 1));
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, visits: () => visits };
}

const image = (url: string): object => ({
  model: 'fake-model',
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
});
const allowImages = (house: House) =>
  house.asOwner('PUT', '/api/settings/images.fetchRemote', { value: true });

/** A name server that says what the test wants, another thing each time. */
function names(...answers: readonly (readonly string[])[]): NonNullable<FetchImageOptions['lookup']> {
  let asked = 0;
  const lookup = (_name: string, _options: unknown, done: (error: null, all: unknown) => void): void => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return lookup as unknown as NonNullable<FetchImageOptions['lookup']>;
}

describe('addresses', () => {
  it('attack 54: are what they are, however they are written', () => {
    const classes: Readonly<Record<string, readonly string[]>> = {
      refused: [
        '169.254.169.254',
        '0.0.0.0',
        '100.100.100.200',
        '168.63.129.16',
        '192.0.0.192',
        '224.0.0.1',
        '255.255.255.255',
        '::',
        'fe80::1',
        'ff02::1',
        'fd00:ec2::254',
        '::ffff:169.254.169.254',
        '64:ff9b::a9fe:a9fe',
        '2002:a9fe:a9fe::1',
        '64:ff9b:1::1',
        '2001::1',
        '100::1',
        'no address',
      ],
      private: [
        '127.0.0.1',
        '10.1.2.3',
        '172.31.0.1',
        '192.168.0.1',
        '100.64.0.1',
        '::1',
        'fd12::1',
        'fec0::1',
        '::ffff:10.0.0.1',
        '::ffff:0:7f00:1',
        '::7f00:1',
        '64:ff9b::7f00:1',
        '2002:7f00:1::',
      ],
      public: [
        '93.184.216.34',
        '172.32.0.1',
        '2606:2800:220:1::1',
        '::ffff:93.184.216.34',
        '2002:5db8:d822::1',
      ],
    };
    for (const [kind, addresses] of Object.entries(classes)) {
      for (const address of addresses) expect([address, classOfAddress(address)]).toEqual([address, kind]);
    }
  });

  it('attack 54: are read by the parser that makes the connection', () => {
    const hostOf = (text: string): string => {
      const url = readWebAddress(text);
      return typeof url === 'string' ? url : url.hostname;
    };
    for (const host of [
      '127.1',
      '0x7f000001',
      '2130706433',
      '0177.0.0.1',
      '１２７．０．０．１',
      '127.0.0.1\\@example.com',
      '127。0。0。1',
    ]) {
      expect([host, hostOf(`http://${host}/`)]).toEqual([host, '127.0.0.1']);
    }
    expect(hostOf('http://[::ffff:7f00:1]/')).toBe('[::ffff:7f00:1]');
    expect(
      ['file:///etc/passwd', 'ftp://a/b', 'gopher://a', 'javascript:alert(1)', '//a/b', '', 'http://'].map(
        hostOf,
      ),
    ).toEqual(['not-web', 'not-web', 'not-web', 'not-web', 'no-address', 'no-address', 'no-address']);
    expect(['http://user@a/', 'http://:pass@a/', 'http://169.254.169.254/', 'http://0/'].map(hostOf)).toEqual(
      ['credentials', 'credentials', 'refused', 'refused'],
    );
  });

  it('attack 54: of redirects are checked like the first, and lead neither into the house nor from https to http', () => {
    const from = new URL('https://models.example/a');
    for (const location of [
      'http://models.example/a',
      'https://10.0.0.1/',
      'https://169.254.169.254/',
      'file:///etc/passwd',
      'https://u:p@models.example/',
      'https://',
    ]) {
      expect(() => requireRedirect(location, from, 'public')).toThrow(EgressRefused);
    }
    expect(requireRedirect('/b', from, 'public').href).toBe('https://models.example/b');
    expect(requireRedirect('https://10.0.0.2/', new URL('https://10.0.0.1/'), 'private').hostname).toBe(
      '10.0.0.2',
    );
  });

  it('attack 54: of a name are looked up once, all of them count, and the connection goes to what was checked', async () => {
    const resolve = (lookup: ReturnType<typeof guardedLookup>): Promise<unknown> =>
      new Promise((done) => lookup('name.example', { all: true }, (error, found) => done(error ?? found)));
    const good = { address: '93.184.216.34', family: 4 };
    expect(await resolve(guardedLookup(false, names(['93.184.216.34'], ['127.0.0.1'])))).toEqual([good]);
    // One that is in the house among those that are not: the next connection might take it.
    expect(await resolve(guardedLookup(false, names(['93.184.216.34', '10.0.0.1'])))).toBeInstanceOf(
      EgressRefused,
    );
    expect(await resolve(guardedLookup(true, names(['169.254.169.254'])))).toBeInstanceOf(EgressRefused);
    expect(await resolve(officeLookup(names(['93.184.216.34'])))).toBeInstanceOf(EgressRefused);
    expect(await resolve(officeLookup(names([])))).toBeInstanceOf(EgressRefused);
  });
});

describe('addresses that the owner gives', () => {
  it('attack 54: lead nowhere where clouds keep secrets, at any door and however they are written', async () => {
    const house = await startHouse();
    const doors: readonly [string, string, (address: string) => object][] = [
      ['POST', '/api/upstreams', (url) => ({ name: 'x', kind: 'openai', url, mayLeave: true })],
      ['POST', '/api/downloads', (uri) => ({ uri })],
      ['PUT', '/api/exports/otlp', (url) => ({ kind: 'otlp', url, mayLeave: true })],
      [
        'PUT',
        '/api/exports/langfuse',
        (url) => ({ kind: 'langfuse', url, mayLeave: true, publicKey: 'a', secretKey: 'b' }),
      ],
      [
        'PUT',
        '/api/exports/database',
        (url) => ({ kind: 'postgres', url: url.replace(/^https?:\/\//u, 'postgres://u:p@'), mayLeave: true }),
      ],
    ];
    const addresses = [
      'http://169.254.169.254/d',
      'http://[::ffff:169.254.169.254]/d',
      'http://[fd00:ec2::254]/d',
      'http://100.100.100.200/d',
      'http://0.0.0.0/d',
    ];
    for (const [method, path, body] of doors) {
      for (const address of addresses) {
        const answer = await house.asOwner(method, path, body(address));
        expect([path, address, answer.status, String(answer.json.error?.message)]).toEqual([
          path,
          address,
          400,
          expect.stringMatching(/Nothing is (sent to|fetched from) this address/u),
        ]);
      }
    }
    // As numbers are written for programs, not for people; `URL` reads them for the web alone.
    for (const [method, path, body] of doors.slice(0, 4)) {
      for (const address of ['http://2852039166/d', 'http://0xa9fea9fe/d', 'http://169.254.43518/d']) {
        expect([path, address, (await house.asOwner(method, path, body(address))).status]).toEqual([
          path,
          address,
          400,
        ]);
      }
    }
    expect((await house.asOwner('GET', '/api/upstreams')).json).toEqual([]);
    expect((await house.asOwner('GET', '/api/exports')).json).toEqual([]);
    expect((await house.asOwner('GET', '/api/downloads')).json).toEqual([]);
  });

  it('attack 54: that lead on to another are not followed there, with the rows of the log', async () => {
    const house = await startHouse();
    const thief = await startSource((_request, response) => response.end('x'));
    const leading = await startSource((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${thief.port}/stolen` }).end(),
    );
    const url = `http://127.0.0.1:${leading.port}`;
    expect((await house.asOwner('PUT', '/api/exports/leading', { kind: 'otlp', url })).status).toBe(200);
    const tested = await house.asOwner('POST', '/api/exports/leading/test');
    expect(tested.json).toMatchObject({ works: false, reason: expect.stringContaining('another address') });
    expect([leading.visits() > 0, thief.visits()]).toEqual([true, 0]);
  });
});

describe('images that a client points at', () => {
  it('attack 54: are not fetched from files, from the house or from where clouds keep secrets, and no connection is made', async () => {
    const house = await startHouse();
    await allowImages(house);
    const source = await startSource((_request, response) => response.end('x'));
    const { port } = source;
    const addresses = [
      'file:///etc/passwd',
      'ftp://127.0.0.1/a',
      `http://127.1:${port}/`,
      `http://0x7f000001:${port}/`,
      `http://[::ffff:7f00:1]:${port}/`,
      `http://localhost:${port}/`,
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00:ec2::254]/',
      `http://127.0.0.1:${house.port}/api/keys`,
      `http://user:pass@127.0.0.1:${port}/`,
    ];
    const words = new Set<string>();
    for (const address of addresses) {
      const answer = await house.ask('/v1/chat/completions', image(address));
      expect([address, ...refused(answer)]).toEqual([address, 400, 'invalid_image_url']);
      words.add(answer.json.error.message as string);
    }
    expect(source.visits()).toBe(0);
    // Nobody learns from the words what stands in the house.
    expect(words.size).toBeLessThanOrEqual(4);
  });

  it('attack 54: of a name that turns to the house after it was checked, no second look-up is made', async () => {
    const source = await startSource((_request, response) => response.end('x'));
    const options: FetchImageOptions = {
      timers: systemTimers,
      signal: new AbortController().signal,
      param: 'p',
    };
    const first = fetchImage(`http://rebind.example:${source.port}/`, {
      ...options,
      lookup: names(['127.0.0.1'], ['93.184.216.34']),
    });
    await expect(first).rejects.toMatchObject({ status: 400, code: 'invalid_image_url' });
    expect(source.visits()).toBe(0);
  });

  it('attack 55: that are not what they say, too large, or bombs once unpacked are refused before anything decodes them', async () => {
    const house = await startHouse();
    const png = (width: number, height: number): Buffer => {
      const bytes = Buffer.alloc(33);
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(bytes);
      bytes.writeUInt32BE(13, 8);
      bytes.write('IHDR', 12, 'latin1');
      bytes.writeUInt32BE(width, 16);
      bytes.writeUInt32BE(height, 20);
      return bytes;
    };
    const data = (bytes: Buffer, type = 'image/png'): string =>
      `data:${type};base64,${bytes.toString('base64')}`;
    const cases: [string, string, number][] = [
      ['another type', data(png(2, 2), 'image/jpeg'), 400],
      ['no image', data(Buffer.from('<svg onload=alert(1)>'), 'image/svg+xml'), 400],
      ['a bomb', data(png(65_535, 65_535)), 400],
      ['nothing', data(png(0, 5)), 400],
      ['30 MB', data(Buffer.concat([png(2, 2), Buffer.alloc(22_000_000)])), 413],
      ['no base64', 'data:image/png,hello', 400],
    ];
    for (const [name, url, status] of cases) {
      expect([name, (await house.ask('/v1/chat/completions', image(url))).status]).toEqual([name, status]);
    }
    expect(house.engine.seen.requests).toEqual([]);
  });
});
