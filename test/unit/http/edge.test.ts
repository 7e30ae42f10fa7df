import { connect } from 'node:net';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../../server/http/listen.ts';
import { startTestServer } from './harness.ts';

/** Sends bytes as they are, since HTTP clients tidy up what these tests are about. */
async function raw(url: string, request: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(request.replaceAll('\n', '\r\n'));
  return text(socket);
}

describe('who this listener answers to', () => {
  test.each(['evil.com', 'inglenook.local.evil.com', '127.0.0.1.nip.io', 'other.local', '[::2]', 'a b'])(
    'Host %s is a 421 or 400, with nothing else done',
    async (host) => {
      const server = await startTestServer();
      const answer = await raw(server.url, `GET /v1/models HTTP/1.1\nHost: ${host}\nConnection: close\n\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 (421|400)/);
    },
  );

  test.each(['LOCALHOST.', '127.0.0.1:1', '[::1]:11500'])('Host %s is ours', async (host) => {
    const server = await startTestServer();
    const answer = await raw(server.url, `GET /healthz HTTP/1.1\nHost: ${host}\nConnection: close\n\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
  });

  test('two Host headers and an absolute address are 400', async () => {
    const server = await startTestServer();
    const two = 'GET /healthz HTTP/1.1\nHost: localhost\nHost: localhost\nConnection: close\n\n';
    const absolute = 'GET http://localhost/healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n';
    expect(await raw(server.url, two)).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(server.url, absolute)).toMatch(/^HTTP\/1\.1 400/);
  });

  test('health and readiness need no key', async () => {
    const server = await startTestServer();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});

describe('a port that is taken', () => {
  test('is an error that names the port and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(listenOnLoopback(() => {}, port)).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringMatching(new RegExp(`Port ${port} is in use.*INGLENOOK_PORT`)),
    });
    other.close();
  });

  test('by another Inglenook says so', async () => {
    const server = await startTestServer();
    await expect(listenOnLoopback(() => {}, Number(new URL(server.url).port))).rejects.toMatchObject({
      message: expect.stringContaining('by another Inglenook'),
    });
  });
});
