import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import { addressGroup, compileAddresses, isLoopbackAddress } from '../core/ip-address.ts';
import type { EdgeBlock, EdgeSettings, EdgeState } from '../wire/edge.ts';
import { createAddressRates } from './address-rates.ts';
import { createBlocks, type StrikeKind } from './blocks.ts';
import { compileProxies, readClient, type Client } from './client.ts';
import { createConnectionCaps, type ConnectionCaps } from './connections.ts';
import * as refusals from './refusals.ts';

/** The outermost door: who may knock, how often, and who has knocked too often. Knows addresses, no keys. */
export type Edge = {
  /** For the listeners: asked for every socket. */
  readonly connections: ConnectionCaps;
  readonly isTrustedProxy: (address: string) => boolean;
  /** Who is asking. @throws AppError 400 */
  readonly read: (request: IncomingMessage) => Client;
  /**
   * Counts one request in. The returned function is to be called when its answer has ended.
   * @throws AppError 403 (allow-list), 429 (blocked, too many requests or streams), 503 (place kept for the console)
   */
  readonly enter: (request: IncomingMessage, client: Client, knock: Knock) => () => void;
  /** Somebody at this address has shown a valid key or signed in. */
  readonly authenticated: (address: string) => void;
  /** Something wrong was shown from this address. */
  readonly strike: (address: string, kind: StrikeKind) => void;
  /**
   * To be asked before a wrong key is answered: on this computer a block ends wrong ones alone, so here is its only door.
   * @throws AppError 429 while wrong ones from there are too many
   */
  readonly requirePatience: (address: string, kind: StrikeKind) => void;
  /** False where the address is not blocked. */
  readonly lift: (address: string) => boolean;
  /** @throws AppError 409 where the change would shut out who is asking for it */
  readonly requireWayBack: (change: Partial<EdgeSettings>, request: IncomingMessage, asking: Client) => void;
  readonly state: () => EdgeState;
};

export type Knock = {
  /** The console and the admin API: on this computer the last places are theirs. */
  readonly isConsole: boolean;
};

export type EdgeOptions = {
  readonly settings: () => EdgeSettings;
  readonly clock: Clock;
  /** See `ClientReader`. */
  readonly isOwnProgram: (request: IncomingMessage) => boolean;
  readonly onBlock: (block: EdgeBlock) => void;
};

export function createEdge(options: EdgeOptions): Edge {
  const { settings, clock } = options;
  const rules = compiled(settings);
  const isTrustedProxy = (address: string): boolean => rules().isTrustedProxy(address);
  const reader = { isTrustedProxy, isOwnProgram: options.isOwnProgram };
  const connections = createConnectionCaps({
    limits: settings,
    isTrustedProxy,
    monotonicMs: clock.monotonicMs,
  });
  const rates = createAddressRates(clock.monotonicMs);
  const blocks = createBlocks(clock);
  const streams = new Map<string, number>();
  const refused = { notAllowed: 0, blocked: 0, requests: 0, streams: 0 };

  function requireAllowed(client: Client): void {
    if (isAllowed(client, rules().isAllowed)) return;
    refused.notAllowed += 1;
    throw refusals.addressNotAllowed(client.isForwarded && isLoopbackAddress(client.address));
  }

  const standingOf = (group: string): ReturnType<typeof blocks.standing> =>
    settings().blockGuessers ? blocks.standing(group) : null;

  function requireUnblocked({ group }: Client): void {
    const block = standingOf(group);
    if (block === null) return;
    refused.blocked += 1;
    throw refusals.addressBlocked(block);
  }

  function requirePatience(address: string, kind: StrikeKind): void {
    const block = standingOf(addressGroup(address));
    if (block === null || block.reason !== kind) return;
    refused.blocked += 1;
    throw refusals.wrongAgain(block);
  }

  function countRequest({ group }: Client): void {
    const { requestsPerMinute } = settings();
    if (requestsPerMinute === null) return;
    const waitMs = rates.take(group, requestsPerMinute);
    if (waitMs === 0) return;
    refused.requests += 1;
    throw refusals.tooManyRequests(waitMs, requestsPerMinute);
  }

  function countStream({ group }: Client): () => void {
    const most = settings().streamsPerAddress;
    const running = streams.get(group) ?? 0;
    if (most !== null && running >= most) {
      refused.streams += 1;
      throw refusals.tooManyStreams(most);
    }
    streams.set(group, running + 1);
    return () => {
      const left = (streams.get(group) ?? 1) - 1;
      if (left === 0) streams.delete(group);
      else streams.set(group, left);
    };
  }

  return {
    connections,
    isTrustedProxy,
    read: (request) => readClient(request, reader),
    enter(request, client, { isConsole }) {
      const isOwnConsole = client.isThisComputer && isConsole;
      if (!isOwnConsole && connections.isReserved(request.socket)) throw refusals.placeIsReserved();
      if (isOwnConsole) return connections.answering(request.socket);
      requireAllowed(client);
      if (client.isThisComputer) return () => undefined;
      if (!isFromHere(client)) requireUnblocked(client);
      countRequest(client);
      return countStream(client);
    },
    authenticated: connections.authenticated,
    strike(address, kind) {
      if (!settings().blockGuessers) return;
      const block = blocks.strike(address, kind);
      if (block !== null) options.onBlock(block);
    },
    requirePatience,
    lift: blocks.lift,
    requireWayBack(change, request, asking) {
      const next = compile({ ...settings(), ...change });
      const then = readClient(request, { ...reader, isTrustedProxy: next.isTrustedProxy });
      if (!isAllowed(then, next.isAllowed)) throw refusals.locksYouOut(then.address);
      const isShutOut = (name: 'isThisComputer' | 'isSecure'): boolean => asking[name] && !then[name];
      if (isShutOut('isThisComputer') || isShutOut('isSecure'))
        throw refusals.proxiesLockYouOut(then.address);
    },
    state() {
      const { refused: refusedConnections, ...open } = connections.counts();
      return {
        settings: settings(),
        connections: open,
        refused: { connections: refusedConnections, ...refused },
        blocks: blocks.list(),
      };
    },
  };
}

/** This computer always, unless somebody unknown stands between; then nobody can tell who it is. */
function isAllowed(client: Client, isListed: ((address: string) => boolean) | null): boolean {
  return isListed === null || isFromHere(client) || isListed(client.address);
}

/** Wider than `isThisComputer`, which opens doors: here it only keeps somebody from being shut out. */
function isFromHere({ via, address, isForwarded }: Client): boolean {
  return via === null && isLoopbackAddress(address) && !isForwarded;
}

type Rules = {
  /** Null: everybody. */
  readonly isAllowed: ((address: string) => boolean) | null;
  readonly isTrustedProxy: (address: string) => boolean;
};

function compile({ allow, trustedProxies }: Pick<EdgeSettings, 'allow' | 'trustedProxies'>): Rules {
  return {
    isAllowed: allow.length === 0 ? null : compileAddresses(allow),
    isTrustedProxy: compileProxies(trustedProxies),
  };
}

/** Compiled once for each change: the settings are the same object until then. */
function compiled(settings: () => EdgeSettings): () => Rules {
  let known: EdgeSettings | null = null;
  let rules: Rules = { isAllowed: null, isTrustedProxy: () => false };
  return () => {
    const now = settings();
    if (now !== known) {
      rules = compile(now);
      known = now;
    }
    return rules;
  };
}
