import { Bonjour, type Service } from 'bonjour-service';

/**
 * Announces the server by mDNS (RFC 6762, RFC 6763): one `_http._tcp` service with the subtypes `_inglenook` and
 * `_openai`. A convenience only: the QR code carries the address. Whatever goes wrong here (the port 5353 taken,
 * the name taken, the network gone) becomes a state to show and never reaches the server.
 */
export type Advertiser = {
  readonly state: () => AdvertisedState;
  /** Says goodbye and frees the socket. Never rejects. */
  readonly stop: () => Promise<void>;
};

export type AdvertisedState =
  | { readonly phase: 'announcing' }
  | { readonly phase: 'announced'; readonly name: string; readonly host: string }
  /** A sentence for the owner. */
  | { readonly phase: 'failed'; readonly reason: string };

export type AdvertiseOptions = {
  /** "Inglenook on desk-1"; a number is added where the network has one of that name. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Eight hex digits that stay the same for this installation. */
  readonly id: string;
  readonly version: string;
  readonly onChange: () => void;
  /** UDP port; another than 5353 only in tests. */
  readonly mdnsPort?: number;
};

/** Beyond it something is wrong with the network rather than with the name. */
const mostNames = 5;
/** RFC 6762 §8.1: three queries, 250 ms apart; who has the name answers. */
const probes = 3;
const probeIntervalMs = 250;
const goodbyeWithinMs = 1_000;

export function advertise(options: AdvertiseOptions): Advertiser {
  let state: AdvertisedState = { phase: 'announcing' };
  let bonjour: Bonjour | null = null;
  const stopping = new AbortController();

  function become(next: AdvertisedState): void {
    if (stopping.signal.aborted) return;
    state = next;
    options.onChange();
  }
  const fail = (error: unknown): void => become({ phase: 'failed', reason: sentenceFor(error) });
  try {
    bonjour = openBonjour(options, fail);
    announce(bonjour, options, stopping.signal).then(become, fail);
  } catch (error) {
    fail(error);
  }
  return {
    state: () => state,
    stop: async () => {
      stopping.abort();
      if (bonjour !== null) await sayGoodbye(bonjour);
    },
  };
}

/** Takes the first free of "Inglenook on desk-1", "Inglenook on desk-1 (2)" …, with its host name alike. */
async function announce(
  bonjour: Bonjour,
  options: AdvertiseOptions,
  signal: AbortSignal,
): Promise<AdvertisedState> {
  for (let number = 1; number <= mostNames; number += 1) {
    const name = `${options.name}${number === 1 ? '' : ` (${number})`}`.replaceAll('.', '-');
    const host = `inglenook${number === 1 ? '' : `-${number}`}.local`;
    if (await isTaken(mdnsOf(bonjour), [`${name}._http._tcp.local`, host], signal)) continue;
    publish(bonjour, options, { name, host });
    return { phase: 'announced', name, host };
  }
  throw new Error('every name is taken on this network');
}

/** Our own probe: the library's prints a conflict on stdout and says nothing to us. */
async function isTaken(mdns: Mdns, names: readonly string[], signal: AbortSignal): Promise<boolean> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  let taken = false;
  const listen = (packet: MdnsPacket): void => {
    taken ||= [...packet.answers, ...packet.additionals].some((record) =>
      wanted.has(record.name.toLowerCase()),
    );
  };
  mdns.on('response', listen);
  try {
    for (let sent = 0; sent < probes && !taken; sent += 1) {
      for (const name of names) mdns.query(name, 'ANY');
      await new Promise((resolve) => setTimeout(resolve, probeIntervalMs));
      signal.throwIfAborted();
    }
  } finally {
    mdns.off('response', listen);
  }
  return taken;
}

type OwnNames = { readonly name: string; readonly host: string };

function publish(bonjour: Bonjour, options: AdvertiseOptions, { name, host }: OwnNames): void {
  const service = bonjour.publish({
    name,
    host,
    type: 'http',
    subtypes: ['inglenook', 'openai'],
    port: options.port,
    disableIPv6: true,
    txt: {
      txtvers: '1',
      path: '/',
      api: '/v1',
      tls: '0',
      id: options.id,
      ver: options.version.split('.').slice(0, 2).join('.'),
    },
  });
  keepOnlyAddress(service, options.address);
}

/**
 * The library would announce every adapter, and others then try Docker's bridge first (measured, security.md §3).
 * It asks for the records when it announces, a moment after `publish`, and again for the goodbye.
 */
function keepOnlyAddress(service: Service, address: string): void {
  const allRecords = service.records.bind(service);
  service.records = () => [
    ...allRecords().filter((record) => record.type !== 'A' && record.type !== 'AAAA'),
    { name: service.host, type: 'A', ttl: 120, data: address },
  ];
}

/** Bound to all interfaces so that multicast is received, sending on the chosen one only (security.md §3). */
function openBonjour(options: AdvertiseOptions, onError: (error: unknown) => void): Bonjour {
  const settings = { interface: options.address, bind: '0.0.0.0', port: options.mdnsPort ?? 5353 };
  const bonjour = new Bonjour(settings, onError);
  // Without this listener a taken port 5353 would be an uncaught exception.
  mdnsOf(bonjour).on('error', onError);
  // We have probed already, and the library's own probe tells a conflict on stdout only.
  insideOf(bonjour).registry.probe = (_mdns, _service, done) => setImmediate(done, false);
  return bonjour;
}

type MdnsPacket = Record<'answers' | 'additionals', readonly { readonly name: string }[]>;
type Mdns = {
  on(event: 'error', listener: (error: unknown) => void): void;
  on(event: 'response', listener: (packet: MdnsPacket) => void): void;
  off(event: 'response', listener: (packet: MdnsPacket) => void): void;
  query(name: string, type: 'ANY'): void;
};

/** The one place that looks into the library: its multicast-dns has the errors it does not pass on. */
type Inside = {
  readonly server: { readonly mdns: Mdns };
  readonly registry: { probe: (mdns: unknown, service: unknown, done: (taken: boolean) => void) => void };
};

function insideOf(bonjour: Bonjour): Inside {
  return bonjour as unknown as Inside;
}

function mdnsOf(bonjour: Bonjour): Mdns {
  return insideOf(bonjour).server.mdns;
}

async function sayGoodbye(bonjour: Bonjour): Promise<void> {
  try {
    const said = new Promise<void>((resolve) => {
      bonjour.unpublishAll(() => resolve());
    });
    await Promise.race([said, new Promise((resolve) => setTimeout(resolve, goodbyeWithinMs).unref())]);
    bonjour.destroy();
  } catch {
    // The network may be gone already; the records die by their time to live.
  }
}

function sentenceFor(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const rest = 'Other devices cannot find it by name; the address and the QR code work all the same.';
  if (code === 'EADDRINUSE') return `Another program holds the port for network names (UDP 5353). ${rest}`;
  if (['ENETUNREACH', 'EADDRNOTAVAIL', 'ENODEV', 'ENETDOWN'].includes(code)) {
    return `The network does not carry announcements just now. ${rest}`;
  }
  return `Announcing on the network failed: ${code || (error instanceof Error ? error.message : 'unknown')}. ${rest}`;
}
