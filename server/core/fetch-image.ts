import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Timers } from './clock.ts';
import {
  classOfAddress,
  classOfHost,
  EgressRefused,
  guardedLookup,
  readWebAddress,
  requireRedirect,
} from './egress.ts';
import { AppError } from './errors.ts';
import { readImageFacts } from './image.ts';
import { assertImage, imageTooLarge, invalidImage, mostImageBytes } from './media.ts';

/** All in all, however the source drips. */
const mostMs = 10_000;
const mostRedirects = 3;

export type FetchImageOptions = {
  readonly timers: Timers;
  readonly signal: AbortSignal;
  /** The field of the request, for what is said about it. */
  readonly param: string;
  /** Tests alone: their sources are this computer's. */
  readonly mayBePrivate?: boolean;
  readonly lookup?: Parameters<typeof guardedLookup>[1];
};

/**
 * Fetches an image that a client only points at, under the rules for what clients give (security.md §4, #54): public
 * addresses alone, each name looked up once and connected to as it was checked, redirects by hand, size, time and
 * kind bounded. In base64, with the type its own bytes say.
 * @throws AppError 400 `invalid_image_url`, 413; or the signal's reason
 */
export async function fetchImage(
  address: string,
  options: FetchImageOptions,
): Promise<{ readonly mimeType: string; readonly data: string }> {
  const { timers, signal, param } = options;
  const late = new AbortController();
  const cancel = timers.after(mostMs, () => late.abort(new Error('too slow')));
  try {
    const limited = AbortSignal.any([signal, late.signal]);
    const url = readWebAddress(address);
    if (typeof url === 'string') throw new EgressRefused();
    const bytes = await follow(url, { ...options, signal: limited });
    const facts = readImageFacts(bytes);
    assertImage(facts, param);
    return { mimeType: facts.mimeType, data: bytes.toString('base64') };
  } catch (error) {
    signal.throwIfAborted();
    throw inWords(error, param, late.signal.aborted);
  } finally {
    cancel();
  }
}

async function follow(first: URL, options: FetchImageOptions): Promise<Buffer> {
  const { mayBePrivate = false, lookup, param } = options;
  const guarded = guardedLookup(mayBePrivate, lookup);
  let url = first;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const kind = classOfHost(url);
    if (kind === 'refused' || (kind === 'private' && !mayBePrivate)) throw new EgressRefused();
    const response = await send(url, guarded, options.signal);
    const { location } = response.headers;
    const status = response.statusCode ?? 0;
    if (status >= 300 && status < 400 && location !== undefined) {
      const from = classOfAddress(response.socket.remoteAddress ?? '');
      response.destroy();
      url = requireRedirect(location, url, from);
      continue;
    }
    try {
      return await readImage(response, param);
    } finally {
      response.destroy();
    }
  }
  throw invalidImage('The address of the image leads from one place to the next without end.', param);
}

function send(url: URL, lookup: LookupFunction, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = { 'user-agent': 'inglenook', accept: 'image/*', 'accept-encoding': 'identity' };
  return new Promise((resolve, reject) => {
    // Nothing of the client's own goes along: no key, no cookie. No connection is kept.
    const call = request(url, { headers, agent: false, signal, lookup });
    call.once('response', resolve);
    call.on('error', reject);
    call.end();
  });
}

async function readImage(response: IncomingMessage, param: string): Promise<Buffer> {
  const { statusCode, headers } = response;
  if (statusCode !== 200) throw invalidImage(`The address of the image answered ${statusCode}.`, param);
  if (!/^image\//iu.test(headers['content-type'] ?? '')) {
    throw invalidImage('What lies at the address says itself that it is no image.', param);
  }
  if (Number(headers['content-length'] ?? 0) > mostImageBytes) throw imageTooLarge(param);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostImageBytes) throw imageTooLarge(param);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The same for what is refused and what is not there: nobody learns what stands in the house. */
function inWords(error: unknown, param: string, wasSlow: boolean): AppError {
  if (error instanceof AppError) return error;
  const message = wasSlow
    ? `The image did not arrive within ${mostMs / 1000} s. Send it as a data: address.`
    : 'The image could not be fetched from its address. Send it as a data: address.';
  return new AppError(message, {
    status: 400,
    code: 'invalid_image_url',
    param,
    retryable: wasSlow,
    cause: error,
  });
}
