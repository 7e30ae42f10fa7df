import type { Socket } from 'node:net';
import { addressGroup, isLoopbackAddress, plainAddress } from '../core/ip-address.ts';
import type { EdgeSettings } from '../wire/edge.ts';

/**
 * How many connections may be open, by who has opened them. Three pools that cannot take each other's places: this
 * computer; other computers; and of those at most half for addresses from where nobody has shown a key, so that a crowd
 * of strangers leaves room for those who work here.
 */
export type ConnectionCaps = {
  /** For every socket, before a byte of it is read. False: it has to be destroyed at once. Hooks its `close`. */
  readonly admit: (socket: Socket) => boolean;
  /** Somebody at this address has shown a valid key or signed in: for a while it may have more. */
  readonly authenticated: (address: string) => void;
  /**
   * Whether the connection has one of this computer's places that are kept for the console. Such a connection may
   * ask for nothing else, and one that asks for nothing gives way to the next.
   */
  readonly isReserved: (socket: SocketEnds) => boolean;
  /** The console is being answered on it: it does not give way until `done` is called. */
  readonly answering: (socket: SocketEnds) => () => void;
  readonly counts: () => ConnectionCounts;
};

type SocketEnds = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

export type ConnectionCounts = {
  readonly loopback: number;
  readonly office: number;
  readonly strangers: number;
  /** Turned away since the start. */
  readonly refused: number;
};

export type ConnectionLimits = Pick<
  EdgeSettings,
  | 'connectionsPerAddress'
  | 'connectionsBeforeKey'
  | 'connectionsOffice'
  | 'connectionsLoopback'
  | 'connectionsReserved'
>;

export type ConnectionCapsOptions = {
  readonly limits: () => ConnectionLimits;
  /** A proxy's connections are those of many; they count together with all others, but not by its address. */
  readonly isTrustedProxy: (address: string) => boolean;
  readonly monotonicMs: () => number;
};

/** What an address may have more of is remembered for so long after it was last earned. */
const knownForMs = 60 * 60_000;
/** Bounds the memory for addresses without a connection; who is quiet for longest is forgotten first. */
const mostKnown = 10_000;

type Connection = { isStranger: boolean };
type Group = { readonly open: Set<Connection>; knownUntilMs: number };
type Reserved = { readonly socket: Socket; readonly release: () => void; answering: number };

export function createConnectionCaps(options: ConnectionCapsOptions): ConnectionCaps {
  const groups = new Map<string, Group>();
  const reserved = new Map<string, Reserved>();
  const counts = { loopback: 0, office: 0, strangers: 0, refused: 0 };

  const isKnown = (group: Group): boolean => group.knownUntilMs > options.monotonicMs();

  /** Counts it in until it closes; `undo` runs once. */
  function count(socket: Socket, undo: () => void): () => void {
    let isOver = false;
    const release = (): void => {
      if (isOver) return;
      isOver = true;
      undo();
    };
    socket.once('close', release);
    return release;
  }

  function admitLoopback(socket: Socket): boolean {
    const { connectionsLoopback: most, connectionsReserved: kept } = options.limits();
    const isLastResort = counts.loopback >= most - kept;
    if (counts.loopback >= most && !endOneReserved()) return false;
    counts.loopback += 1;
    const key = endsOf(socket);
    const release = count(socket, () => {
      counts.loopback -= 1;
      if (reserved.get(key)?.socket === socket) reserved.delete(key);
    });
    if (isLastResort) reserved.set(key, { socket, release, answering: 0 });
    return true;
  }

  /** The oldest that asks for nothing gives way. */
  function endOneReserved(): boolean {
    for (const { socket, release, answering } of reserved.values()) {
      if (answering > 0) continue;
      release();
      socket.destroy();
      return true;
    }
    return false;
  }

  function admitOther(socket: Socket, address: string): boolean {
    const limits = options.limits();
    if (counts.office >= limits.connectionsOffice) return false;
    if (options.isTrustedProxy(address)) {
      counts.office += 1;
      count(socket, () => (counts.office -= 1));
      return true;
    }
    const name = addressGroup(address);
    const group = groups.get(name) ?? { open: new Set(), knownUntilMs: Number.NEGATIVE_INFINITY };
    const isStranger = !isKnown(group);
    const { connectionsPerAddress: perAddress, connectionsBeforeKey: beforeKey } = limits;
    if (group.open.size >= (isStranger ? Math.min(beforeKey, perAddress) : perAddress)) return false;
    if (isStranger && counts.strangers >= limits.connectionsOffice / 2) return false;
    groups.set(name, group);
    const connection: Connection = { isStranger };
    group.open.add(connection);
    counts.office += 1;
    if (isStranger) counts.strangers += 1;
    count(socket, () => {
      group.open.delete(connection);
      counts.office -= 1;
      if (connection.isStranger) counts.strangers -= 1;
      if (group.open.size === 0 && !isKnown(group)) groups.delete(name);
    });
    return true;
  }

  function noStrangers({ open }: Group): void {
    for (const connection of open) {
      if (connection.isStranger) counts.strangers -= 1;
      connection.isStranger = false;
    }
  }

  function forgetQuietest(): void {
    for (const [name, { open }] of groups) {
      if (open.size > 0) continue;
      groups.delete(name);
      return;
    }
  }

  return {
    admit(socket) {
      // Closed before it was looked at: it has no address any more.
      if (socket.remoteAddress === undefined) return false;
      const address = plainAddress(socket.remoteAddress);
      const isIn = isLoopbackAddress(address) ? admitLoopback(socket) : admitOther(socket, address);
      if (!isIn) counts.refused += 1;
      return isIn;
    },
    authenticated(address) {
      if (isLoopbackAddress(address)) return;
      const name = addressGroup(address);
      const group = groups.get(name) ?? { open: new Set(), knownUntilMs: Number.NEGATIVE_INFINITY };
      if (!isKnown(group)) noStrangers(group);
      group.knownUntilMs = options.monotonicMs() + knownForMs;
      // Deleted and set again: a Map keeps the order, so the first entry is the quietest address.
      groups.delete(name);
      groups.set(name, group);
      if (groups.size > mostKnown) forgetQuietest();
    },
    isReserved: (socket) => reserved.size > 0 && reserved.has(endsOf(socket)),
    answering(socket) {
      const place = reserved.get(endsOf(socket));
      if (place === undefined) return () => undefined;
      place.answering += 1;
      return () => void (place.answering -= 1);
    },
    counts: () => ({ ...counts }),
  };
}

/** By its two ends, which a TLS socket has in common with the plain one it runs over. */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: SocketEnds): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
