import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import proxyAddress from 'proxy-addr';
import { classOfAddress } from '../core/egress.ts';
import { addressGroup, isLoopbackAddress, plainAddress, readAddress } from '../core/ip-address.ts';
import { unreadableProxyHeader } from './refusals.ts';

/** Who is asking, as far as the connection tells: the one place where the client's address comes from. */
export type Client = {
  /** IPv4, or IPv6 in its short form, without interface; behind a trusted proxy what the proxy says. */
  readonly address: string;
  /** What limits count by: see `addressGroup`. */
  readonly group: string;
  /**
   * Both ends of the connection are this computer's loopback, and nothing points at a proxy between. Says nothing about
   * who asks: loopback is not trusted (design decision 11), it is only not overheard.
   */
  readonly isThisComputer: boolean;
  /** Nobody could listen between us, or between the trusted proxy, and the client. */
  readonly isSecure: boolean;
  /** The proxy that has told the address, and is believed. */
  readonly via: string | null;
  /** A proxy that is not trusted has been at work, or says so. */
  readonly isForwarded: boolean;
};

export type ClientReader = {
  readonly isTrustedProxy: (address: string) => boolean;
  /** Shows a secret that only programs of this computer's owner have: the command line, the app's window. */
  readonly isOwnProgram: (request: IncomingMessage) => boolean;
  /** Whether a proxy or tunnel on this computer leads here from the internet. */
  readonly hasPublicName: () => boolean;
};

/**
 * What proxies of all makes add to a request. No browser and no tool sends any of them, so whoever does has come a longer
 * way than this computer's loopback.
 */
const forwardingHeaders = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-server',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'via',
] as const;

/** Whether a request says of itself that it has come through a proxy. */
export function saysForwarded(headers: IncomingHttpHeaders): boolean {
  return forwardingHeaders.some((name) => headers[name] !== undefined);
}

/** Makes the test whether an address is one of these proxies'. Without any, none is. */
export function compileProxies(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => false;
  const isTrusted = proxyAddress.compile([...ranges]);
  return (address) => isTrusted(address, 0);
}

/**
 * Reads the connection and, from trusted proxies alone, `X-Forwarded-For` and `X-Forwarded-Proto` (besides: see
 * `publicAddress`). The right-most address
 * that is not itself a trusted proxy's counts: what stands left of it anybody can have written (security.md §2, #52).
 * @throws AppError 400 where a trusted proxy names somebody whose address cannot be read
 */
export function readClient(request: IncomingMessage, reader: ClientReader): Client {
  const peer = plainAddress(request.socket.remoteAddress ?? 'unknown');
  const isEncrypted = (request.socket as Partial<TLSSocket>).encrypted === true;
  const isForwarded = saysForwarded(request.headers);
  const isTrusted = reader.isTrustedProxy(peer);
  const isLocal = isLoopbackAddress(peer) && isLoopbackAddress(request.socket.localAddress ?? '');
  const said = request.headers['x-forwarded-for'];
  const stranger = !isTrusted && isLocal && reader.hasPublicName() ? publicAddress(said) : null;
  if (stranger !== null) {
    return {
      address: stranger,
      group: addressGroup(stranger),
      isThisComputer: false,
      isSecure: isEncrypted || isHttpsThere(request.headers),
      via: peer,
      isForwarded: false,
    };
  }
  if (!isTrusted || said === undefined) {
    const isDirect = isLocal && !isForwarded && isOfToday(request);
    return {
      address: peer,
      group: addressGroup(peer),
      // Where a proxy is known to be, one that forgets to name its client must not lend it its own place.
      isThisComputer: isDirect && (!isTrusted || reader.isOwnProgram(request)),
      isSecure: isEncrypted || (isTrusted && isHttpsThere(request.headers)),
      via: null,
      isForwarded: isForwarded && !isTrusted,
    };
  }
  // Of an empty one the package would make the proxy itself.
  const address = said.length === 0 ? null : readAddress(proxyAddress(request, reader.isTrustedProxy));
  if (address === null) throw unreadableProxyHeader(peer);
  return {
    address,
    group: addressGroup(address),
    isThisComputer: false,
    isSecure: isHttpsThere(request.headers),
    via: peer,
    isForwarded: false,
  };
}

/**
 * Of somebody on the internet, as told by a proxy on this computer: the last one, since what stands left of it anybody can
 * have written. To be from there takes rights away and gives none, so that nobody can win by telling it; and who guesses
 * keys there must not close the door of this computer's own programs.
 */
function publicAddress(said: string | string[] | undefined): string | null {
  const last = [said].flat().join(',').split(',').at(-1) ?? '';
  const address = readAddress(last);
  return address !== null && classOfAddress(address) === 'public' ? address : null;
}

/** nginx speaks HTTP/1.0 to what is behind it unless told otherwise; browsers and tools have long not. */
function isOfToday({ httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0';
}

/** Every proxy on the way must have been reached by https, if it says so at all. */
function isHttpsThere({ 'x-forwarded-proto': said }: IncomingHttpHeaders): boolean {
  const protocols = [said].flat().join(',').toLowerCase().split(',');
  return protocols.every((protocol) => protocol.trim() === 'https');
}

/** On the request itself, so that it goes with it: a table beside it would cost every collection a walk. */
const noted = Symbol('who is asking');
type Noted = IncomingMessage & { [noted]?: Client };

/** To be called once for each request, before anything asks who it is. */
export function noteClient(request: IncomingMessage, client: Client): void {
  (request as Noted)[noted] = client;
}

/** Where nobody has looked yet, no proxy is trusted: then it is the other end of the connection. */
export function clientOf(request: IncomingMessage): Client {
  const known = (request as Noted)[noted];
  if (known !== undefined) return known;
  const client = readClient(request, {
    isTrustedProxy: () => false,
    isOwnProgram: () => false,
    hasPublicName: () => false,
  });
  noteClient(request, client);
  return client;
}
