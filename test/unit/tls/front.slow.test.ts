import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { begunHttps, listening, shaken } from './certificates.ts';

/** As everybody meets it, with its real times: the two that the trap of security.md §2 would let stay for ever. */
test('attack 11, attack 13: with the usual times a slow head is 408 within 12 s and a silent connection closed within 6', async () => {
  const { https } = await begunHttps();
  const ca = https.authority()?.authority.certificate ?? '';
  const port = await listening((_request, response) => response.end(), { certificates: https.served });
  const ends = async (socket: ReturnType<typeof connect>): Promise<{ said: string; afterMs: number }> => {
    const startMs = performance.now();
    socket.on('error', () => {});
    const said = await text(socket);
    return { said, afterMs: performance.now() - startMs };
  };
  const dribbling = [connect(port, '127.0.0.1'), await shaken(port, ca)];
  const drip = setInterval(() => {
    for (const socket of dribbling) if (socket.writable) socket.write('x');
  }, 1000);
  for (const socket of dribbling) socket.write('GET / HTTP/1.1\r\nX: ');
  const [silent, ...slow] = await Promise.all([ends(connect(port, '127.0.0.1')), ...dribbling.map(ends)]);
  clearInterval(drip);
  expect(silent.said).toBe('');
  expect(silent.afterMs).toBeLessThan(6_000);
  for (const { said, afterMs } of slow) {
    expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(afterMs).toBeLessThan(13_000);
  }
});
