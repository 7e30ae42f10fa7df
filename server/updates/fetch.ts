import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Timers } from '../core/clock.ts';
import type { IsOffline } from '../core/offline.ts';
import {
  classOfAddress,
  classOfHost,
  EgressRefused,
  guardedLookup,
  officeLookup,
  readWebAddress,
  requireRedirect,
} from '../core/egress.ts';
import { UpdateFault } from './fault.ts';

const mostRedirects = 3;

export type FetchOptions = {
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** Nothing outside the own network is asked, whatever a name leads to. */
  readonly isOffline: IsOffline;
  /** A source that sends nothing for so long is given up. */
  readonly stallMs: number;
  /** For tests: how names are looked up. */
  readonly lookup?: Parameters<typeof guardedLookup>[1];
};

/**
 * Opens a file by http or https. Nothing tells who asks: no version, no cookie, no kept connection. Redirects are followed by
 * hand, each hop under the rules of core/egress.ts.
 * @throws UpdateFault, or the signal’s reason
 */
export async function openFile(address: string, options: FetchOptions): Promise<IncomingMessage> {
  try {
    return await follow(address, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw inWords(error, options.isOffline());
  }
}

/** All of it. @throws UpdateFault, `too-large` when it is longer than `mostBytes`; or the signal’s reason */
export async function fetchText(address: string, mostBytes: number, options: FetchOptions): Promise<string> {
  const response = await openFile(address, options);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(response, options)) {
    length += chunk.length;
    if (length > mostBytes) throw new UpdateFault('too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What arrives, until its end; leaving it ends the connection. @throws UpdateFault, or the signal’s reason */
export async function* chunksOf(
  response: IncomingMessage,
  { timers, stallMs, signal }: FetchOptions,
): AsyncGenerator<Buffer, void, void> {
  const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const cancel = timers.after(stallMs, () => response.destroy(new Error('It stalled.')));
      const { done, value } = await iterator.next().finally(cancel);
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UpdateFault ? error : new UpdateFault('unreachable', { cause: error });
  } finally {
    response.destroy();
  }
}

async function follow(address: string, options: FetchOptions): Promise<IncomingMessage> {
  let url = readWebAddress(address);
  let mayBePrivate = true;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    if (typeof url === 'string') throw new EgressRefused();
    const kind = classOfHost(url);
    if (options.isOffline() && kind === 'public') throw new EgressRefused();
    const lookup = options.isOffline()
      ? officeLookup(options.lookup)
      : guardedLookup(mayBePrivate, options.lookup);
    const response = await send(url, lookup, options);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status === 200) return response;
    const from = classOfAddress(response.socket.remoteAddress ?? '');
    response.destroy();
    if (status < 300 || status >= 400 || location === undefined) {
      throw new UpdateFault(status === 404 || status === 410 ? 'not-found' : 'unreachable');
    }
    url = requireRedirect(location, url, from);
    mayBePrivate &&= from !== 'public';
  }
  throw new UpdateFault('unreachable');
}

async function send(
  url: URL,
  lookup: LookupFunction,
  { timers, signal, stallMs }: FetchOptions,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { 'user-agent': 'inglenook', 'accept-encoding': 'identity' };
  const call = request(url, { headers, agent: false, signal, lookup });
  const cancel = timers.after(stallMs, () => call.destroy(new Error('It stalled.')));
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve);
      // Stays: an error after the answer has begun comes out of the stream, too.
      call.on('error', reject);
      call.end();
    });
  } finally {
    cancel();
  }
}

function inWords(error: unknown, offline: boolean): UpdateFault {
  if (error instanceof UpdateFault) return error;
  if (error instanceof EgressRefused) return new UpdateFault(offline ? 'offline' : 'refused-address');
  return new UpdateFault('unreachable', { cause: error });
}
