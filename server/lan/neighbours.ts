import type { Bonjour } from 'bonjour-service';
import type { Clock, Timers } from '../core/clock.ts';
import { classOfAddress } from '../core/egress.ts';
import type { Text } from '../wire/text.ts';
import { nowhere, whyNotLooked } from './mdns-sentences.ts';
import { closeMdns, insideOf, openMdns, recordsOf, type MdnsPacket, type MdnsRecord } from './mdns.ts';

/**
 * Other Inglenooks on the network, by what they say of themselves. Hints only: anybody can say so. Nothing is asked
 * of them and no key is sent; the owner decides whether one becomes an upstream.
 */
export type Neighbour = {
  /** "Inglenook on desk-2", as it calls itself, without anything that could steer a screen. */
  readonly name: string;
  readonly id: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Where its API begins: `/v1`. */
  readonly path: string;
  /** Whether it answers https as well, by a CA of its own. */
  readonly hasHttps: boolean;
};

export type Neighbourhood = {
  /**
   * Asks the network, and tells who is known; the first look takes `listenMs`. The socket is open only while
   * somebody looks. Never rejects.
   */
  readonly look: () => Promise<Seen>;
  readonly stop: () => void;
};

export type Seen = {
  readonly neighbours: readonly Neighbour[];
  /** Null where the network could be asked. */
  readonly problem: Text | null;
};

export type NeighbourhoodOptions = {
  /** The own address whose network is asked; null without one. */
  readonly address: () => Promise<string | null>;
  /** What we announce ourselves by. */
  readonly ownId: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** UDP port; another than 5353 only in tests. */
  readonly mdnsPort?: number | undefined;
};

const subtype = '_inglenook._sub._http._tcp.local';
const serviceEnding = '._http._tcp.local';
/** RFC 6762 §6: answers to a shared question may be held back up to 120 ms, and Wi-Fi takes its time. */
const listenMs = 1_500;
const askedAgainMs = 5_000;
/** After the last look. */
const openForMs = 120_000;
/** Whoever has not answered for so long has gone without a goodbye. */
const rememberedMs = 120_000;
/** More than any office has; a flood of names fills no memory. */
const mostKnown = 64;

type Known = {
  readonly fullName: string;
  untilMs: number;
  target: string | null;
  port: number;
  text: ReadonlyMap<string, string>;
};
type Memory = {
  readonly services: Map<string, Known>;
  readonly addresses: Map<string, { address: string; untilMs: number }>;
};

export function createNeighbourhood(options: NeighbourhoodOptions): Neighbourhood {
  let open: { readonly bonjour: Bonjour; readonly address: string; readonly memory: Memory } | null = null;
  let problem: Text | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  let cancelClose = (): void => {};
  let listening: Promise<void> = Promise.resolve();

  function close(): void {
    cancelClose();
    if (open !== null) closeMdns(open.bonjour);
    open = null;
    askedMs = Number.NEGATIVE_INFINITY;
  }
  function begin(address: string): void {
    const memory: Memory = { services: new Map(), addresses: new Map() };
    const bonjour = openMdns({
      address,
      port: options.mdnsPort,
      onTrouble: (error) => {
        problem = whyNotLooked(error);
        if (open?.bonjour === bonjour) close();
      },
    });
    const { mdns } = insideOf(bonjour).server;
    mdns.on('response', (packet) => {
      remember(memory, packet, options.clock.monotonicMs());
    });
    open = { bonjour, address, memory };
    listening = new Promise((resolve) => void options.timers.after(listenMs, resolve));
  }
  function ask(): void {
    const nowMs = options.clock.monotonicMs();
    if (open === null || nowMs - askedMs < askedAgainMs) return;
    askedMs = nowMs;
    insideOf(open.bonjour).server.mdns.query([{ name: subtype, type: 'PTR' }]);
  }
  async function look(): Promise<Seen> {
    const address = await options.address();
    if (address === null || open?.address !== address) close();
    if (address === null) return { neighbours: [], problem: nowhere };
    problem = null;
    try {
      if (open === null) begin(address);
      ask();
    } catch (error) {
      close();
      return { neighbours: [], problem: whyNotLooked(error) };
    }
    cancelClose();
    cancelClose = options.timers.after(openForMs, close);
    await listening;
    const neighbours = open === null ? [] : listOf(open.memory, options);
    return { neighbours, problem };
  }
  return { look, stop: close };
}

// --- what a packet tells -----------------------------------------------------------------------------------------------

function remember({ services, addresses }: Memory, packet: MdnsPacket, nowMs: number): void {
  const records = recordsOf(packet);
  const untilOf = ({ ttl = 0 }: MdnsRecord): number => nowMs + Math.min(ttl * 1_000, rememberedMs);
  // Pointers first: what they lead to is kept for those alone that call themselves Inglenook.
  for (const record of records) {
    if (record.type === 'PTR' && record.name.toLowerCase() === subtype)
      notePointer(services, record, untilOf);
  }
  for (const record of records) {
    const known = services.get(record.name.toLowerCase());
    if (known === undefined || record.ttl === 0) continue;
    if (record.type === 'SRV') noteService(known, record.data);
    if (record.type === 'TXT') known.text = textOf(record.data);
  }
  const hosts = new Set([...services.values()].map(({ target }) => target));
  for (const record of records) {
    const host = record.name.toLowerCase();
    if (record.type !== 'A' || typeof record.data !== 'string' || !hosts.has(host)) continue;
    if (record.ttl === 0) addresses.delete(host);
    else if (addresses.has(host) || addresses.size < mostKnown) {
      addresses.set(host, { address: record.data, untilMs: untilOf(record) });
    }
  }
  for (const kept of [services, addresses]) forgetOld(kept, nowMs);
}

function notePointer(
  services: Memory['services'],
  record: MdnsRecord,
  untilOf: (record: MdnsRecord) => number,
): void {
  const { data } = record;
  if (typeof data !== 'string' || !data.toLowerCase().endsWith(serviceEnding)) return;
  const key = data.toLowerCase();
  const known = services.get(key);
  if (record.ttl === 0) services.delete(key);
  else if (known !== undefined) known.untilMs = untilOf(record);
  else if (services.size < mostKnown) {
    services.set(key, {
      fullName: data,
      untilMs: untilOf(record),
      target: null,
      port: 0,
      text: new Map(),
    });
  }
}

function noteService(known: Known, data: unknown): void {
  const { target, port } = (data ?? {}) as { readonly target?: unknown; readonly port?: unknown };
  if (typeof target !== 'string' || typeof port !== 'number') return;
  known.target = target.toLowerCase();
  known.port = port;
}

/** RFC 6763 §6.4: `key=value`, the first of several counts. */
function textOf(data: unknown): ReadonlyMap<string, string> {
  const words = (Array.isArray(data) ? data : [data]).map((word) => String(word));
  const pairs = words.filter((word) => word.includes('=')).map((word) => /^([^=]*)=(.*)$/su.exec(word));
  return new Map(
    pairs.map((match) => [(match?.[1] ?? '').toLowerCase(), match?.[2] ?? ''] as const).toReversed(),
  );
}

function forgetOld(kept: Map<string, { readonly untilMs: number }>, nowMs: number): void {
  for (const [key, { untilMs }] of kept) if (untilMs <= nowMs) kept.delete(key);
}

// --- what is shown -----------------------------------------------------------------------------------------------------

function listOf(memory: Memory, { clock, ownId }: NeighbourhoodOptions): readonly Neighbour[] {
  const nowMs = clock.monotonicMs();
  for (const kept of [memory.services, memory.addresses]) forgetOld(kept, nowMs);
  return [...memory.services.values()]
    .map((known) => neighbourOf(known, memory))
    .filter((found) => found !== null)
    .filter((found) => found.id !== ownId)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/** Null unless all of it is there and makes sense, with an address of an office. */
function neighbourOf({ fullName, target, port, text }: Known, { addresses }: Memory): Neighbour | null {
  const address = addresses.get(target ?? '')?.address ?? '';
  const id = text.get('id') ?? '';
  const path = text.get('api') ?? '';
  const isOfAnOffice = classOfAddress(address) === 'private' && !address.startsWith('127.');
  if (target === null || !isOfAnOffice || port < 1 || port > 65_535) return null;
  if (!/^[0-9a-f]{8}$/u.test(id) || !/^(\/[a-z0-9_-]{1,20}){1,3}$/u.test(path)) return null;
  return {
    name: shown(fullName.slice(0, -serviceEnding.length)),
    id,
    host: shown(target),
    address,
    port,
    path,
    hasHttps: text.get('tls') === '1',
  };
}

/** Control characters, line separators, and marks that turn the direction of text. */
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

function shown(text: string): string {
  return text.replaceAll(steering, '').slice(0, 63);
}
