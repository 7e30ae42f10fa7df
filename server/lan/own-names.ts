import { setTimeout as wait } from 'node:timers/promises';
import { recordsOf, type Mdns, type MdnsPacket } from './mdns.ts';

/** What this installation is called on the network. */
export type OwnNames = { readonly name: string; readonly host: string };

export type NameWish = {
  /** "Inglenook on desk-1"; a number is added where the network has one of that name. */
  readonly name: string;
  /** Instance and host names that somebody else has held against us. */
  readonly lost: ReadonlySet<string>;
};

/** Beyond it something is wrong with the network rather than with the name. */
const mostNames = 9;
/** RFC 6762 §8.1: three queries, 250 ms apart, after a pause that keeps two starters apart; who has the name answers. */
const probes = 3;
export const probeIntervalMs = 250;
/** RFC 6763 §4.1.1: an instance name is one label. */
const mostLabelBytes = 63;

const serviceType = '_http._tcp.local';

/** Every name was probed and somebody has each of them. */
export class NoNameFree extends Error {
  override readonly name = 'NoNameFree';
}

/** The first free of "Inglenook on desk-1", "… (2)" …, and of inglenook.local, inglenook-2.local …, each by itself. */
export async function freeNames(mdns: Mdns, options: NameWish, signal: AbortSignal): Promise<OwnNames> {
  const instances = candidates((number) => instanceName(options.name, number), options.lost);
  const hosts = candidates(hostName, options.lost);
  let [name, host] = [instances(), hosts()];
  for (;;) {
    const taken = await takenOf(mdns, [fullName(name), host], signal);
    if (taken.size === 0) return { name, host };
    if (taken.has(fullName(name).toLowerCase())) name = instances();
    if (taken.has(host.toLowerCase())) host = hosts();
  }
}

function candidates(nameOf: (number: number) => string, lost: ReadonlySet<string>): () => string {
  let number = 0;
  return () => {
    for (;;) {
      number += 1;
      if (number > mostNames) throw new NoNameFree();
      if (!lost.has(nameOf(number))) return nameOf(number);
    }
  };
}

function instanceName(base: string, number: number): string {
  const ending = number === 1 ? '' : ` (${number})`;
  // The library puts hyphens for dots; we must know the name that it ends up with.
  return cutToBytes(base.replaceAll('.', '-'), mostLabelBytes - ending.length) + ending;
}

/** Not in the middle of a character. */
function cutToBytes(text: string, mostBytes: number): string {
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > mostBytes) break;
    kept += character;
  }
  return kept;
}

function hostName(number: number): string {
  return `inglenook${number === 1 ? '' : `-${number}`}.local`;
}

export function fullName(name: string): string {
  return `${name}.${serviceType}`;
}

/** Our own probe: the library's asks for the instance only, and tells a conflict on stdout and not to us. */
async function takenOf(
  mdns: Mdns,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const taken = new Set<string>();
  const listen = (packet: MdnsPacket): void => {
    for (const { name, ttl } of recordsOf(packet)) {
      if (ttl !== 0 && wanted.has(name.toLowerCase())) taken.add(name.toLowerCase());
    }
  };
  mdns.on('response', listen);
  try {
    for (let sent = 0; sent < probes && taken.size === 0; sent += 1) {
      mdns.query(names.map((name) => ({ name, type: 'ANY' })));
      await wait(probeIntervalMs, undefined, { signal });
    }
  } finally {
    mdns.off('response', listen);
  }
  return taken;
}
