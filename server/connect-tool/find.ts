import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { pointerQuestion, readAnswer, type DnsRecord } from './dns.ts';
import { plain } from './plain.ts';
import type { World } from './world.ts';

/** An Inglenook that has answered. A hint only: anybody on the network can say so. */
export type Found = {
  /** "Inglenook on desk-1" */
  readonly name: string;
  readonly address: string;
  readonly port: number;
};

const group = '224.0.0.251';
const service = '_http._tcp.local';
const subtype = `_inglenook._sub.${service}`;

/**
 * Asks the network once by mDNS (RFC 6762, RFC 6763), from every adapter; where port 5353 cannot be had, the system's
 * own Avahi. Nobody there is an empty list.
 */
export async function findOffices(world: World): Promise<Found[]> {
  const addresses = world.mdns.addresses ?? ownAddresses();
  const records: DnsRecord[] = [];
  const sockets = await Promise.all(addresses.map((address) => listen(world, address, records)));
  const open = sockets.filter((socket) => socket !== null);
  const pauses = 3;
  for (let count = 0; count < pauses && open.length > 0; count += 1) {
    for (const socket of open) socket.send(pointerQuestion(subtype), world.mdns.port, group, () => undefined);
    await world.wait(world.mdns.listenMs / pauses);
  }
  for (const socket of open) socket.close();
  const found = officesOf(records);
  return found.length > 0 || open.length > 0 ? found : askAvahi();
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((adapter) =>
    (adapter ?? []).flatMap(({ family, internal, address }) =>
      family === 'IPv4' && !internal ? [address] : [],
    ),
  );
}

/** Bound to all addresses, so that multicast is received; asking by the one adapter. Null where the system refuses. */
function listen(world: World, address: string, records: DnsRecord[]): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.on('message', (packet) => records.push(...(readAnswer(packet) ?? [])));
    socket.on('error', () => resolve(null));
    socket.bind(world.mdns.port, () => {
      try {
        socket.addMembership(group, address);
        socket.setMulticastInterface(address);
        socket.setMulticastTTL(255);
        resolve(socket);
      } catch {
        // An adapter without multicast, such as a VPN's.
        socket.close();
        resolve(null);
      }
    });
  });
}

export function officesOf(records: readonly DnsRecord[]): Found[] {
  const instances = new Map<string, string>();
  for (const record of records) {
    if (record.type === 'PTR' && record.name === subtype)
      instances.set(record.target.toLowerCase(), record.target);
  }
  const offices = new Map<string, Found>();
  for (const [instance, written] of instances) {
    const at = records.findLast((record) => record.type === 'SRV' && record.name === instance);
    if (at?.type !== 'SRV' || at.port === 0) continue;
    const host = records.findLast((record) => record.type === 'A' && record.name === at.target);
    if (host?.type !== 'A' || !isOfAnOffice(host.address)) continue;
    const name = plain(written.slice(0, -service.length - 1)).slice(0, 63);
    offices.set(`${host.address}:${at.port}`, { name, address: host.address, port: at.port });
  }
  return [...offices.values()];
}

/** Private and link-local ranges (RFC 1918, RFC 3927) and this computer; nobody is led out of the building by a packet. */
function isOfAnOffice(address: string): boolean {
  return /^(10\.|127\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address);
}

function askAvahi(): Promise<Found[]> {
  const args = ['-rtp', '_inglenook._sub._http._tcp'];
  return new Promise((resolve) => {
    execFile('avahi-browse', args, { timeout: 5_000, maxBuffer: 1024 * 1024 }, (_error, stdout) => {
      resolve(avahiOffices(stdout));
    });
  });
}

/** `=;eth0;IPv4;Inglenook\032on\032desk-1;…;inglenook.local;192.168.1.20;11500;"txtvers=1" …` */
export function avahiOffices(stdout: string): Found[] {
  const offices = new Map<string, Found>();
  for (const line of stdout.split('\n')) {
    const [mark, , family, name = '', , , , address = '', port = ''] = line.split(';');
    if (mark !== '=' || family !== 'IPv4' || !isOfAnOffice(address) || !/^\d{1,5}$/.test(port)) continue;
    const written = name.replaceAll(/\\(\d{3})/g, (_all, code: string) => String.fromCodePoint(Number(code)));
    offices.set(`${address}:${port}`, { name: plain(written), address, port: Number(port) });
  }
  return [...offices.values()];
}
