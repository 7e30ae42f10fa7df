import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Timers } from '../../../core/clock.ts';
import { classOfAddress, guardedLookup, requireRedirect, type AddressClass } from '../../../core/egress.ts';
import { asDownloadFault } from './download-egress.ts';
import { DownloadFault, networkFault } from './download-fault.ts';
import { refusal } from './download-refusal.ts';

/** What every request needs. */
export type RemoteTools = {
  readonly timers: Timers;
  /** A source that sends nothing for so long is given up for now. */
  readonly stallMs: number;
  readonly hub: HubAccess;
};

/** The model hub, and the owner's token for it; the token goes to this origin and to no other. */
export type HubAccess = { readonly address: string; readonly token: string | null };

export type RemoteRequest = {
  readonly url: URL;
  /** Bytes wanted, the end left out for all the rest; null for the whole without asking for a range. */
  readonly range: { readonly from: number; readonly to?: number } | null;
  readonly signal: AbortSignal;
};

export type RemoteBody = {
  /** Whether the source answered with the range asked for (206) and not with the whole. */
  readonly isPartial: boolean;
  /** Of the whole file; null if the source does not say. */
  readonly totalBytes: number | null;
  /** Changes when the file changes; null if the source has none. */
  readonly version: string | null;
  /** In lower-case hexadecimal, if the source tells it. */
  readonly sha256: string | null;
  /** The address of the next page, as list answers give it. */
  readonly nextPage: URL | null;
  /** Throws a DownloadFault when the line breaks or nothing comes for `stallMs`. Leaving it ends the connection. */
  readonly chunks: () => AsyncGenerator<Buffer, void, void>;
  readonly close: () => void;
};

const mostRedirects = 8;

/**
 * Asks for a file and follows redirects by hand: each hop is checked, and what proves who we are stays behind when
 * the origin changes (the flaw of GO-2025-3824).
 * @throws DownloadFault, or the signal's reason
 */
export async function openRemote(request: RemoteRequest, tools: RemoteTools): Promise<RemoteBody> {
  let { url } = request;
  let mayBePrivate = true;
  /** The hub tells size and hash on the hop that leads to its store. */
  let linked: Linked = { sha256: null, sizeBytes: null };
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const { response, remoteClass } = await send({ ...request, url }, { tools, mayBePrivate });
    linked = linkedFacts(response, linked);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      url = redirectOf(location, url, remoteClass);
      mayBePrivate &&= remoteClass !== 'public';
      continue;
    }
    if (status !== 200 && status !== 206) {
      response.destroy();
      throw refusal(response, isHub(url, tools.hub) ? 'hub' : 'other');
    }
    return bodyOf(response, { request: { ...request, url }, tools, linked });
  }
  throw new DownloadFault('stop', 'The source sends us from one address to the next without end.');
}

/** What a source says first, wherever it would lead: somebody is there. @throws DownloadFault, or the signal's reason */
export async function askStatus(request: RemoteRequest, tools: RemoteTools): Promise<number> {
  const { response } = await send(request, { tools, mayBePrivate: true });
  response.destroy();
  return response.statusCode ?? 0;
}

function redirectOf(location: string, from: URL, fromClass: AddressClass): URL {
  try {
    return requireRedirect(location, from, fromClass);
  } catch (error) {
    throw asDownloadFault(error);
  }
}

type Linked = { readonly sha256: string | null; readonly sizeBytes: number | null };

function linkedFacts(response: IncomingMessage, known: Linked): Linked {
  const size = Number(response.headers['x-linked-size']);
  return {
    sha256: known.sha256 ?? sha256In(response.headers['x-linked-etag']),
    sizeBytes: known.sizeBytes ?? (Number.isSafeInteger(size) && size > 0 ? size : null),
  };
}

function isHub(url: URL, hub: HubAccess): boolean {
  return url.origin === new URL(hub.address).origin;
}

async function send(
  { url, range, signal }: RemoteRequest,
  { tools, mayBePrivate }: { readonly tools: RemoteTools; readonly mayBePrivate: boolean },
): Promise<{ response: IncomingMessage; remoteClass: AddressClass }> {
  signal.throwIfAborted();
  const { hub, timers, stallMs } = tools;
  const headers: Record<string, string> = { 'user-agent': 'inglenook', 'accept-encoding': 'identity' };
  if (range !== null) headers['range'] = `bytes=${range.from}-${range.to === undefined ? '' : range.to - 1}`;
  if (hub.token !== null && isHub(url, hub)) headers['authorization'] = `Bearer ${hub.token}`;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  // No connection is kept for later: it would go to an address that was checked under another rule.
  const options = { headers, agent: false, signal, lookup: guardedLookup(mayBePrivate) } as const;
  const call = request(url, options);
  const cancel = timers.after(stallMs, () => call.destroy(stalled(stallMs)));
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      call.once('response', resolve);
      // Stays for the whole life of the request: an error after the answer has begun comes out of the stream, too.
      call.on('error', reject);
      call.end();
    });
    return { response, remoteClass: classOfAddress(response.socket.remoteAddress ?? '') };
  } catch (error) {
    signal.throwIfAborted();
    throw networkFault(asDownloadFault(error));
  } finally {
    cancel();
  }
}

function stalled(stallMs: number): DownloadFault {
  return new DownloadFault(
    'network',
    `The source has sent nothing for ${Math.round(stallMs / 1000)} seconds.`,
  );
}

type Asked = { readonly request: RemoteRequest; readonly tools: RemoteTools; readonly linked: Linked };

function bodyOf(response: IncomingMessage, { request, tools, linked }: Asked): RemoteBody {
  const { headers } = response;
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    response.destroy();
    throw new DownloadFault('stop', 'The source sends the file packed in a way that was not asked for.');
  }
  const isPartial = response.statusCode === 206;
  const etag = headers.etag?.startsWith('W/') === true ? undefined : headers.etag;
  return {
    isPartial,
    totalBytes: isPartial ? totalOfRange(response, request) : lengthOf(response, linked),
    version: linked.sha256 ?? etag ?? headers['last-modified'] ?? null,
    sha256: linked.sha256 ?? (isHub(request.url, tools.hub) ? sha256In(etag) : null),
    nextPage: nextPageOf(headers['link'], request.url),
    chunks: () => chunksOf(response, request.signal, tools),
    close: () => void response.destroy(),
  };
}

/** RFC 9110 §14.4. */
function totalOfRange(response: IncomingMessage, { range }: RemoteRequest): number {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers['content-range'] ?? '');
  const [from, to, total] = (match ?? []).slice(1).map(Number);
  const fits = range !== null && from === range.from && to !== undefined && to < (total ?? 0);
  if (fits && total !== undefined && Number.isSafeInteger(total)) return total;
  response.destroy();
  throw new DownloadFault('network', 'The source answered with other bytes than it was asked for.');
}

function lengthOf(response: IncomingMessage, linked: Linked): number | null {
  const text = response.headers['content-length'];
  return text === undefined ? linked.sizeBytes : Number(text);
}

/** A file name or address never gets here, only what a header says: 64 hexadecimal digits or nothing. */
function sha256In(value: string | string[] | undefined): string | null {
  if (typeof value !== 'string') return null;
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(value)?.[1]?.toLowerCase() ?? null;
}

/** RFC 8288; only on the same origin, for the token goes along. */
function nextPageOf(link: string | string[] | undefined, from: URL): URL | null {
  const target = /<([^>]+)>\s*;[^,]*\brel="?next"?/.exec(String(link ?? ''))?.[1];
  if (target === undefined || !URL.canParse(target, from.href)) return null;
  const url = new URL(target, from);
  return url.origin === from.origin ? url : null;
}

async function* chunksOf(
  response: IncomingMessage,
  signal: AbortSignal,
  { timers, stallMs }: RemoteTools,
): AsyncGenerator<Buffer, void, void> {
  const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      // Only while we wait for the source: our own slow disk is not its fault.
      const cancel = timers.after(stallMs, () => response.destroy(stalled(stallMs)));
      const { done, value } = await iterator.next().finally(cancel);
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw networkFault(error);
  } finally {
    response.destroy();
  }
}

/** A short answer as text. @throws DownloadFault when it is longer than `mostBytes` */
export async function readShort(body: RemoteBody, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body.chunks()) {
    length += chunk.length;
    if (length > mostBytes) throw new DownloadFault('stop', 'The list of the source’s files is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
