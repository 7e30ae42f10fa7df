import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemTimers } from '../../../server/core/clock.ts';
import { fetchImage, type FetchImageOptions } from '../../../server/core/fetch-image.ts';
import { readImageFacts } from '../../../server/core/image.ts';
import { setFetchesRemoteImages } from '../../../server/store/remote-images.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startTestServer } from './harness.ts';

/** The beginning of a PNG; nothing decodes it. */
function png(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(33);
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(bytes);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

function dataUrl(bytes: Buffer, mimeType = 'image/png'): string {
  return `data:${mimeType};base64,${bytes.toString('base64')}`;
}

function image(url: string) {
  return {
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url, detail: 'low' } }] }],
  };
}

const small = png(2, 3);

describe('media in messages', () => {
  test('reach the engine as the client gave them', async () => {
    const server = await startTestServer();
    const response = await server.chat({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: dataUrl(small), detail: 'low' } },
            { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
            { type: 'file', file: { file_id: 'file-1' } },
          ],
        },
      ],
    });
    expect(response.status).toBe(200);
    expect(server.engine.seen.requests[0]?.messages[0]?.content).toEqual([
      { type: 'text', text: 'What is this?' },
      {
        type: 'media',
        kind: 'image',
        detail: 'low',
        source: { type: 'base64', mimeType: 'image/png', data: small.toString('base64') },
      },
      { type: 'media', kind: 'audio', source: { type: 'base64', mimeType: 'audio/wav', data: 'UklGRg==' } },
      {
        type: 'media',
        kind: 'file',
        name: 'a.pdf',
        source: { type: 'base64', mimeType: 'application/pdf', data: 'JVBERg==' },
      },
      { type: 'media', kind: 'file' },
    ]);
  });

  test.each([
    ['another type than it says', dataUrl(small, 'image/jpeg'), 400],
    ['no image', dataUrl(Buffer.from('<svg/>'), 'image/svg+xml'), 400],
    ['a bomb of 65,535 squared', dataUrl(png(65_535, 65_535)), 400],
    ['no pixels', dataUrl(png(0, 5)), 400],
    ['no base64', 'data:image/png,abc', 400],
    ['22 MB', dataUrl(Buffer.concat([small, Buffer.alloc(22 * 1024 * 1024)])), 413],
    ['a file of this computer', 'file:///etc/passwd', 400],
    ['ftp', 'ftp://example.com/a.png', 400],
    ['a name and password', 'https://a:b@example.com/a.png', 400],
    ['no address', 'picture', 400],
  ])('an image that is %s is refused by its field', async (_name, url, status) => {
    const server = await startTestServer();
    const response = await server.chat(image(url));
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { param: 'messages.0.content.0.image_url.url' } },
    ]);
    expect(server.engine.seen.requests).toEqual([]);
  });

  test('a part nobody knows is a 400', async () => {
    const server = await startTestServer();
    const response = await server.chat({ messages: [{ role: 'user', content: [{ type: 'hologram' }] }] });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param: 'messages.0.content.0' } },
    ]);
  });
});

/** A source on this computer that counts who comes. */
async function startSource(
  listener: RequestListener,
): Promise<{ url: string; port: number; visits: () => number }> {
  let visits = 0;
  const server = createServer((request, response) => {
    visits += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/a.png`, port, visits: () => visits };
}

const sendSmall: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'image/png');
  response.end(small);
};

describe('images on the web', () => {
  test('are not fetched unless the owner wants it', async () => {
    const source = await startSource(sendSmall);
    const server = await startTestServer();
    const response = await server.chat(image(source.url));
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'invalid_image_url' } },
    ]);
    expect(source.visits()).toBe(0);
  });

  test('are never fetched from inside the house, however the address is written', async () => {
    const source = await startSource(sendSmall);
    const server = await startTestServer();
    setFetchesRemoteImages(server.store, true);
    for (const host of ['127.0.0.1', '127.1', '0x7f000001', '2130706433', '[::ffff:7f00:1]', 'localhost']) {
      const response = await server.chat(image(`http://${host}:${source.port}/a.png`));
      expect([host, response.status, await response.json()]).toMatchObject([
        host,
        400,
        { error: { code: 'invalid_image_url' } },
      ]);
    }
    expect(source.visits()).toBe(0);
  });
});

describe('fetching an image', () => {
  const signal = new AbortController().signal;
  const usual: FetchImageOptions = { timers: systemTimers, signal, param: 'p', mayBePrivate: true };

  test('gives its bytes with the type they have', async () => {
    const { url } = await startSource(sendSmall);
    expect(await fetchImage(url, usual)).toEqual({ mimeType: 'image/png', data: small.toString('base64') });
  });

  test('refuses the cloud’s own address and names that stand for the house, without a connection', async () => {
    const source = await startSource(sendSmall);
    const lookup = ((_name: string, _options: unknown, done: (error: null, all: unknown) => void) =>
      done(null, [{ address: '127.0.0.1', family: 4 }])) as unknown as NonNullable<
      FetchImageOptions['lookup']
    >;
    const outside = { ...usual, mayBePrivate: false, lookup };
    for (const address of ['http://169.254.169.254/latest', `http://rebind.example:${source.port}/a.png`]) {
      await expect(fetchImage(address, outside)).rejects.toMatchObject({ code: 'invalid_image_url' });
    }
    expect(source.visits()).toBe(0);
  });

  test.each<[string, RequestListener, number]>([
    [
      'leads to a refused address',
      (_q, r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      400,
    ],
    ['leads in a circle', (_q, r) => r.writeHead(302, { location: '/a.png' }).end(), 400],
    ['is a page', (_q, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), 400],
    [
      'only says it is an image',
      (_q, r) => r.writeHead(200, { 'content-type': 'image/png' }).end('hello'),
      400,
    ],
    ['is not there', (_q, r) => r.writeHead(404).end(), 400],
    [
      'says it has a gigabyte',
      (_q, r) => r.writeHead(200, { 'content-type': 'image/png', 'content-length': 1e9 }).flushHeaders(),
      413,
    ],
    [
      'never ends',
      (_q, r) => {
        r.writeHead(200, { 'content-type': 'image/png' });
        const more = (): void => void (r.destroyed || r.write(Buffer.alloc(1024 * 1024), more));
        more();
      },
      413,
    ],
  ])('ends where the source %s', async (_name, listener, status) => {
    const { url } = await startSource(listener);
    await expect(fetchImage(url, usual)).rejects.toMatchObject({ status, param: 'p' });
  });

  test('does not wait for one that is silent', async () => {
    const time = createManualTime();
    const { url } = await startSource(() => time.advance(10_000));
    await expect(fetchImage(url, { ...usual, timers: time.timers })).rejects.toMatchObject({
      code: 'invalid_image_url',
      retryable: true,
    });
  });
});

test('the size of an image is read from its first bytes', () => {
  const jpeg = Buffer.from('ffd8ffe000040000ffc0000b08000700090101', 'hex');
  const gif = Buffer.from('4749463839610400050000', 'hex');
  const webp = Buffer.alloc(30);
  webp.write('RIFF\0\0\0\0WEBPVP8X', 'latin1');
  webp.writeUIntLE(6, 24, 3);
  webp.writeUIntLE(7, 27, 3);
  expect([small, jpeg, gif, webp].map(readImageFacts)).toEqual([
    { mimeType: 'image/png', width: 2, height: 3 },
    { mimeType: 'image/jpeg', width: 9, height: 7 },
    { mimeType: 'image/gif', width: 4, height: 5 },
    { mimeType: 'image/webp', width: 7, height: 8 },
  ]);
  expect([Buffer.alloc(0), jpeg.subarray(0, 9), Buffer.from('ffd8', 'hex')].map(readImageFacts)).toEqual([
    null,
    null,
    null,
  ]);
});
