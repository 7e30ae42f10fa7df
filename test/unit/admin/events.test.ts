import { request } from 'node:http';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { livePacket } from '../../../server/wire/events.ts';
import type { LivePacket } from '../../../server/wire/events.ts';
import { logRow, signUp, startAdminServer, type AdminServer } from './admin-server.ts';

let server: AdminServer;
beforeEach(async () => {
  server = await startAdminServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

type Stream = {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly next: () => Promise<string>;
  readonly packet: () => Promise<LivePacket>;
  readonly ended: Promise<unknown>;
  readonly leave: () => void;
};

/** One block (up to the empty line) at a time. */
async function openStream(headers: Record<string, string>): Promise<Stream> {
  const outgoing = request({
    port: server.port,
    host: '127.0.0.1',
    path: '/api/events',
    headers,
    agent: false,
  });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  response.setEncoding('utf8');
  const ended = new Promise((resolve) => response.once('close', resolve));
  response.on('error', () => undefined);
  let text = '';
  response.on('data', (chunk: string) => (text += chunk));
  const next = async (): Promise<string> => {
    while (!text.includes('\n\n')) await once(response, 'data');
    const [block = ''] = text.split('\n\n');
    text = text.slice(block.length + 2);
    return block;
  };
  return {
    headers: response.headers,
    next,
    packet: async () => livePacket.parse(JSON.parse((await next()).replace(/^data: /, ''))),
    ended,
    leave: () => void outgoing.destroy(),
  };
}

/** What every stream begins with. */
async function passFirstPicture(stream: Stream): Promise<void> {
  for (let packets = 0; packets < 4; packets += 1) await stream.next();
}

const token = () => ({ authorization: `Bearer ${server.adminToken}` });

describe('the event stream', () => {
  it('begins with the status, the models, the office switch and the downloads, then tells every change', async () => {
    const stream = await openStream(token());
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    expect((await stream.packet()).type).toBe('status');
    expect(await stream.packet()).toMatchObject({ type: 'models', models: [{ id: 'fake-model' }, {}] });
    expect(await stream.packet()).toMatchObject({ type: 'lan', lan: { phase: 'off' } });
    expect(await stream.packet()).toEqual({ type: 'downloads', downloads: [] });
    await server.asOwner('POST', '/api/keys', { name: 'n' });
    expect(await stream.packet()).toEqual({ type: 'keys-changed' });
    const row = logRow({ id: 'req_1' });
    server.live.publish({
      type: 'request-finished',
      row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
    });
    expect(await stream.packet()).toMatchObject({ type: 'request-finished', row: { id: 'req_1' } });
  });

  it('is not opened by asking for its headers', async () => {
    const answer = await server.asOwner('HEAD', '/api/events');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  });

  it('sends a comment every 15 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stream = await openStream(token());
    await passFirstPicture(stream);
    vi.advanceTimersByTime(15_000);
    expect(await stream.next()).toBe(': still here');
  });

  it('ends when its session signs out, and others go on', async () => {
    const session = await signUp(server);
    const mine = await openStream(session);
    const other = await openStream(token());
    await server.send('DELETE', '/api/session', { headers: session });
    await mine.ended;
    await passFirstPicture(other);
    server.live.publish({ type: 'keys-changed' });
    expect(await other.packet()).toEqual({ type: 'keys-changed' });
  });

  it('ends when the password changes', async () => {
    const session = await signUp(server);
    const stream = await openStream(session);
    expect((await server.asOwner('POST', '/api/password', { password: 'another long one' })).status).toBe(
      204,
    );
    await stream.ended;
  });

  it('ends when the session runs out, which looking on does not put off', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const stream = await openStream(await signUp(server));
    server.time.nowMs += 29 * 60_000;
    vi.advanceTimersByTime(15_000);
    await stream.next();
    server.time.nowMs += 60_000;
    vi.advanceTimersByTime(15_000);
    await stream.ended;
  });

  it('ends when the server stops', async () => {
    const stream = await openStream(token());
    server.live.close();
    await stream.ended;
  });

  it('leaves nothing behind when the reader goes: a place is free again', async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => openStream(token())));
    const refused = await server.asOwner('GET', '/api/events');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '30']);
    streams[0]?.leave();
    await vi.waitFor(async () =>
      expect((await openStream(token())).headers).toHaveProperty('x-accel-buffering'),
    );
  });
});
