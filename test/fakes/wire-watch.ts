import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, onTestFinished } from 'vitest';
import { vendorErrors } from './vendor-schemas.ts';
import { createStreamJudge, type StreamJudge } from './wire-stream.ts';
import { operationOf, type WireOperation } from './wire-operations.ts';

export type WireWatch = { readonly watch: (port: number) => void };

/** What is wrong with what was sent, by the port it was sent from. */
const problemsOf = new Map<number, string[]>();

/**
 * Reads along with everything that servers of this process send from the watched ports: each answer, stream chunk and
 * error of an OpenAI route must be valid by the vendor's schemas, bear the usual headers and keep the rules of
 * streams. What does not fails the test that is running.
 */
export function watchWire(): WireWatch {
  const found: string[] = [];
  const ports: number[] = [];
  onTestFinished(() => {
    for (const port of ports) problemsOf.delete(port);
    expect(found, 'what the server has sent').toEqual([]);
  });
  return {
    watch(port) {
      ports.push(port);
      problemsOf.set(port, found);
    },
  };
}

type RequestStart = { readonly request: IncomingMessage; readonly response: ServerResponse };

// Node's own channel: told of each request before any handler sees it, so the server needs no door for tests.
channel('http.server.request.start').subscribe((message) => {
  const { request, response } = message as RequestStart;
  const problems = problemsOf.get(request.socket.localPort ?? -1);
  const operation = operationOf(request);
  if (problems === undefined || operation === null) return;
  readAlong({
    request,
    response,
    operation,
    complain: (text) => problems.push(`${operation.name}: ${text}`),
  });
});

type Watched = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: WireOperation;
  readonly complain: (text: string) => void;
};

function readAlong(watched: Watched): void {
  const { request, response } = watched;
  const pieces: string[] = [];
  let stream: StreamJudge | null = null;
  const take = (chunk: unknown): void => {
    const text =
      typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.from(chunk).toString() : '';
    if (text === '') return;
    if (isStream(response)) (stream ??= createStreamJudge(watched.operation, watched.complain)).write(text);
    else pieces.push(text);
  };
  const { write, end } = response;
  response.write = function writeWatched(this: ServerResponse, ...given: unknown[]) {
    take(given[0]);
    return Reflect.apply(write, this, given) as boolean;
  };
  response.end = function endWatched(this: ServerResponse, ...given: unknown[]) {
    const isFirst = !response.writableEnded && !response.destroyed;
    const sent = Reflect.apply(end, this, given) as ServerResponse;
    if (!isFirst) return sent;
    // The head says what this is, and may have been written just now.
    take(given[0]);
    judgeHeaders(watched);
    if (stream !== null) stream.end((request as { body?: unknown }).body);
    else judgeWhole(watched, pieces.join(''));
    return sent;
  };
}

function isStream(response: ServerResponse): boolean {
  return sentHeader(response, 'content-type')?.startsWith('text/event-stream') === true;
}

/** As it stands in the head on the wire; `getHeader` knows only of those that were set one by one. */
function sentHeader(response: ServerResponse, name: string): string | undefined {
  const { _header: head } = response as { readonly _header?: string | null };
  return new RegExp(`^${name}: (.*)$`, 'imu').exec(head?.replaceAll('\r', '') ?? '')?.[1];
}

function judgeHeaders({ response, complain }: Watched): void {
  if (!/^req_\w+$/u.test(sentHeader(response, 'x-request-id') ?? '')) complain('x-request-id is missing');
  if (response.statusCode < 400 || sentHeader(response, 'x-should-retry') !== undefined) return;
  complain(`x-should-retry is missing beside ${response.statusCode}`);
}

function judgeWhole({ request, response, operation, complain }: Watched, text: string): void {
  if (request.method === 'HEAD' || response.statusCode === 204) return;
  const { statusCode } = response;
  const type = sentHeader(response, 'content-type') ?? '';
  if (!type.startsWith('application/json')) return complain(`${statusCode} with ${type || 'no type'}`);
  const schema = statusCode >= 400 ? 'ErrorResponse' : operation.answer;
  if (schema === null) return;
  const body: unknown = JSON.parse(text, decodeVector);
  for (const error of vendorErrors(schema, body)) {
    complain(`${statusCode} is no ${schema}: ${error} in ${text.slice(0, 2000)}`);
  }
}

/** The vendor's description knows vectors as numbers alone, while its own libraries ask for base64 (clients.md §1.11). */
function decodeVector(name: string, value: unknown): unknown {
  if (name !== 'embedding' || typeof value !== 'string') return value;
  const bytes = Buffer.from(value, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
