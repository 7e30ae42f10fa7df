import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { guardedLookup, officeLookup } from '../core/egress.ts';
import { connectionTrouble, requireLiteralAllowed } from './addresses.ts';
import { Undelivered } from './receiver.ts';

export type PostTarget = {
  readonly url: string;
  readonly mayLeave: boolean;
  readonly headers: Readonly<Record<string, string>>;
};

export type PostAnswer = {
  readonly status: number;
  readonly retryAfterMs: number | null;
  /** At most 64 KiB of it. */
  readonly text: string;
};

const mostAnswerBytes = 64 * 1024;
const mostRetryAfterMs = 3_600_000;

/**
 * Posts JSON under the rules for addresses the owner gives: each name is looked up once and connected to as it was
 * checked, redirects are not followed, so that secrets go to no other server.
 * @throws Undelivered when no answer comes; the signal's reason when that ends it
 */
export async function postJson(target: PostTarget, body: string, signal: AbortSignal): Promise<PostAnswer> {
  try {
    const url = new URL(target.url);
    requireLiteralAllowed(url, target.mayLeave);
    const response = await send(url, target, { body, signal });
    try {
      const text = await readSome(response);
      return { status: response.statusCode ?? 0, retryAfterMs: retryAfterOf(response), text };
    } finally {
      response.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new Undelivered(connectionTrouble(error), { cause: error });
  }
}

function send(
  url: URL,
  { mayLeave, headers }: PostTarget,
  { body, signal }: { readonly body: string; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const options = {
    method: 'POST',
    headers: {
      ...headers,
      'user-agent': 'inglenook',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'accept-encoding': 'identity',
    },
    agent: false,
    signal,
    lookup: mayLeave ? guardedLookup(true) : officeLookup(),
  } as const;
  return new Promise((resolve, reject) => {
    const call = request(url, options);
    call.once('response', resolve);
    call.on('error', reject);
    call.end(body);
  });
}

async function readSome(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= mostAnswerBytes) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, mostAnswerBytes);
}

/** RFC 9110 §10.2.3, in seconds; a date is not waited for. */
function retryAfterOf({ headers }: IncomingMessage): number | null {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, mostRetryAfterMs) : null;
}
