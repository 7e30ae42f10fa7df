import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createKey, revokeKey } from '../../../server/store/keys.ts';
import { startTestServer, type TestServer } from './harness.ts';

const question = JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Grüß dich' }] });

function openConnection({ url }: TestServer): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.setEncoding('utf8');
  onTestFinished(() => void socket.destroy());
  return socket;
}

function head(authorization: string, length = Buffer.byteLength(question)): string {
  return [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '',
    '',
  ].join('\r\n');
}

/** One answer, by the length it tells. */
async function answer(socket: Socket): Promise<{ status: number; head: string; body: unknown }> {
  let text = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [string];
    text += chunk;
    const [top = '', body] = text.split(/\r\n\r\n(.*)/su);
    const length = Number(/content-length: (\d+)/iu.exec(top)?.[1] ?? Number.NaN);
    if (body === undefined || Buffer.byteLength(body) < length) continue;
    return { status: Number(top.split(' ')[1]), head: top.toLowerCase(), body: JSON.parse(body) };
  }
}

describe('several requests of one connection', () => {
  it('are each let in by the key they show, as it is by then', async () => {
    const server = await startTestServer();
    const other = createKey(server.store, { name: 'other' }, Date.now());
    const socket = openConnection(server);
    const ask = async (authorization: string): Promise<number> => {
      socket.write(head(authorization) + question);
      return (await answer(socket)).status;
    };
    expect(await ask(`Bearer ${server.key}`)).toBe(200);
    expect(await ask(`Bearer ${server.key}`)).toBe(200);
    expect(await ask(`Bearer ${other.key}`)).toBe(200);
    expect(await ask(`Bearer ${server.key.slice(0, -1)}`)).toBe(401);
    revokeKey(server.store, server.keyId, Date.now());
    expect(await ask(`Bearer ${server.key}`)).toBe(401);
    expect(await ask(`Bearer ${other.key}`)).toBe(200);
    expect(server.rows().map(({ key }) => key)).toEqual(['other', null, null, 'other', 'test', 'test']);
  });

  it('are read whole, in however many pieces they come', async () => {
    const server = await startTestServer();
    const socket = openConnection(server);
    const bytes = Buffer.from(question);
    socket.write(head(`Bearer ${server.key}`));
    for (const byte of bytes) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    const first = await answer(socket);
    expect(first).toMatchObject({ status: 200, body: { object: 'chat.completion' } });
  });

  it('bear each header once', async () => {
    const server = await startTestServer();
    const socket = openConnection(server);
    for (const body of [question, '{}']) {
      socket.write(head(`Bearer ${server.key}`, Buffer.byteLength(body)) + body);
      const names = (await answer(socket)).head
        .split('\r\n')
        .slice(1)
        .map((line) => line.split(':')[0]);
      expect(names).toEqual([...new Set(names)]);
      expect(names).toEqual(
        expect.arrayContaining([
          'x-request-id',
          'vary',
          'x-content-type-options',
          'content-type',
          'content-length',
          'openai-processing-ms',
        ]),
      );
    }
  });
});
