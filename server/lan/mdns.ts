import { Bonjour } from 'bonjour-service';

/** A multicast socket that cannot take the server down, and the one place that looks into bonjour-service. */

export type MdnsRecord = {
  readonly name: string;
  readonly type: string;
  /** Seconds; 0 says goodbye. */
  readonly ttl?: number;
  /** RFC 6762 §10.2: this replaces whatever was known before, so a new address is believed at once. */
  readonly flush?: boolean;
  readonly data?: unknown;
};

type Question = { readonly name: string; readonly type: string };

export type MdnsPacket = {
  readonly questions: readonly Question[];
  readonly answers: readonly MdnsRecord[];
  readonly additionals: readonly MdnsRecord[];
};

export function recordsOf({ answers, additionals }: MdnsPacket): readonly MdnsRecord[] {
  return [...answers, ...additionals];
}

/** Who sent a packet; on UDP nothing proves it. */
export type MdnsSender = { readonly address: string; readonly port: number };

type Listener = (packet: MdnsPacket, from: MdnsSender) => void;
type Done = (error?: Error | null) => void;
type Send = (packet: unknown, to?: MdnsSender | Done | null, done?: Done) => void;

/** What we use of multicast-dns. */
export type Mdns = {
  on(event: 'error' | 'warning', listener: (error: unknown) => void): void;
  on(event: 'response' | 'query', listener: Listener): void;
  off(event: 'response' | 'query', listener: Listener): void;
  listeners(event: 'query'): Listener[];
  query(questions: readonly Question[]): void;
  respond(answers: readonly MdnsRecord[]): void;
  send: Send;
};

/** What the library does not pass on: its socket, its probe, and what it answers from. */
export type Inside = {
  readonly server: {
    readonly mdns: Mdns;
    recordsFor: (name: string, type: string) => MdnsRecord[];
  };
  readonly registry: { probe: (mdns: unknown, service: unknown, done: (taken: boolean) => void) => void };
};

export function insideOf(bonjour: Bonjour): Inside {
  return bonjour as unknown as Inside;
}

export type OpenMdnsOptions = {
  /** The own address whose adapter the packets leave by. */
  readonly address: string;
  /** UDP port; another than 5353 only in tests. */
  readonly port?: number | undefined;
  /** Every failure: the port taken, the adapter gone, a packet that could not be sent. May be called many times. */
  readonly onTrouble: (error: unknown) => void;
};

/**
 * Bound to all addresses so that multicast is received, sending on the chosen adapter only (security.md §3).
 * @throws what the system says when there is no socket to be had at all
 */
export function openMdns({ address, port = 5353, onTrouble }: OpenMdnsOptions): Bonjour {
  const bonjour = new Bonjour({ interface: address, bind: '0.0.0.0', port } as object, onTrouble);
  const { mdns } = insideOf(bonjour).server;
  // Without this listener a taken port 5353 would be an uncaught exception.
  mdns.on('error', onTrouble);
  // A packet that is no DNS is a warning too; only the system's own codes say something about the network.
  mdns.on('warning', (error) => {
    if (systemCodeOf(error) !== null) onTrouble(error);
  });
  noticeWhatIsNotSent(mdns, onTrouble);
  return bonjour;
}

/** The library forgets what becomes of an announcement, and throws where a packet cannot be made. */
function noticeWhatIsNotSent(mdns: Mdns, onTrouble: (error: unknown) => void): void {
  const send = mdns.send.bind(mdns);
  mdns.send = (packet, to, done) => {
    const [target, finish] = typeof to === 'function' ? [null, to] : [to ?? null, done];
    const finished: Done = (error) => {
      if (error) onTrouble(error);
      finish?.(error);
    };
    try {
      send(packet, target, finished);
    } catch (error) {
      finished(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

/** `EADDRINUSE`, `ENETUNREACH` …; null for what is not the system's. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/u.test(error.code) && 'syscall' in error
    ? error.code
    : null;
}

/** Frees the socket; whatever was published is gone without goodbye. */
export function closeMdns(bonjour: Bonjour): void {
  try {
    bonjour.destroy();
  } catch {
    // It was never bound.
  }
}

/** Names in DNS differ by nothing but their letters' case where only that differs (RFC 6762 §16). */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
