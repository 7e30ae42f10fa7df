import fc from 'fast-check';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { pointerQuestion, readAnswer } from '../../../server/connect-tool/dns.ts';
import { avahiOffices, findOffices, officesOf } from '../../../server/connect-tool/find.ts';
import { startMdnsPeer } from '../../fakes/mdns-peer.ts';
import { setUpDesk } from './desk.ts';

const instance = 'Inglenook on desk-1._http._tcp.local';
const records = [
  { name: '_inglenook._sub._http._tcp.local', type: 'PTR', ttl: 120, data: instance },
  { name: instance, type: 'SRV', ttl: 120, data: { target: 'inglenook.local', port: 11_500 } },
  { name: 'inglenook.local', type: 'A', ttl: 120, data: '192.168.1.20' },
];

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

test('asks the network once and hears who is there', async () => {
  const port = await freePort();
  const peer = await startMdnsPeer(port);
  const desk = setUpDesk();
  // What it hears comes while it waits: the peer says it then.
  const heard = (): Promise<void> =>
    new Promise((resolve) => {
      peer.say(records);
      setTimeout(resolve, 200);
    });
  const world = { ...desk.world, wait: heard, mdns: { port, addresses: ['127.0.0.1'], listenMs: 0 } };
  expect(await findOffices(world)).toEqual([
    { name: 'Inglenook on desk-1', address: '192.168.1.20', port: 11_500 },
  ]);
});

test('reads what another library writes, and knows its own question', async () => {
  const question = pointerQuestion('_inglenook._sub._http._tcp.local');
  expect(question.subarray(12).toString('latin1')).toBe(
    '\n_inglenook\u0004_sub\u0005_http\u0004_tcp\u0005local\0\0\f\0\u0001',
  );
  expect(readAnswer(question)).toBeNull();
});

test('is not led out of the building, and not fooled by halves', () => {
  const [pointer, service, host] = [
    { type: 'PTR', name: '_inglenook._sub._http._tcp.local', target: instance },
    { type: 'SRV', name: instance.toLowerCase(), target: 'a.local', port: 11_500 },
    { type: 'A', name: 'a.local', address: '8.8.8.8' },
  ] as const;
  expect(officesOf([pointer, service, host])).toEqual([]);
  expect(officesOf([pointer, service])).toEqual([]);
  expect(officesOf([service, { ...host, address: '10.0.0.5' }])).toEqual([]);
  expect(officesOf([pointer, service, { ...host, address: '10.0.0.5' }])).toEqual([
    { name: 'Inglenook on desk-1', address: '10.0.0.5', port: 11_500 },
  ]);
});

test('any packet is read or passed over, and none keeps it busy', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const packet = Buffer.from(bytes);
      if (packet.length > 3) packet[2] = 0x84;
      const read = readAnswer(packet);
      expect(read === null || Array.isArray(read)).toBe(true);
    }),
  );
  // A name that points at itself.
  const loop = Buffer.from([
    0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4,
  ]);
  expect(readAnswer(loop)).toBeNull();
});

test('what Avahi tells is read too', () => {
  const line = String.raw`=;eth0;IPv4;Inglenook\032on\032desk-1;_http._tcp;local;inglenook.local;192.168.1.20;11500;"id=12ab34cd" "tls=1"`;
  expect(avahiOffices(`+;eth0;IPv4;x\n${line}\n=;eth0;IPv6;x;a;b;c;fe80::1;80;\n`)).toEqual([
    { name: 'Inglenook on desk-1', address: '192.168.1.20', port: 11_500 },
  ]);
});
