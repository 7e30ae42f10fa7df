import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = {
  readonly path: string;
  readonly range: { readonly from: number; readonly to: number | null } | null;
  readonly authorization: string | undefined;
};

/** What becomes of one request instead of the file. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Sends so many bytes, then cuts the connection. */
  | { readonly cutAfter: number }
  /** Sends so many bytes, then nothing more. */
  | { readonly stallAfter: number }
  /** Sends so many bytes, then waits for this. */
  | { readonly holdAfter: number; readonly until: Promise<void> }
  /** Answers with the whole file whatever range was asked. */
  | { readonly noRange: true }
  | { readonly redirect: string; readonly headers?: Readonly<Record<string, string>> };

export type FileServer = {
  readonly origin: string;
  /** By path. May be changed while the server runs. */
  readonly files: Map<string, Buffer | string>;
  /** Headers that go with a file. */
  readonly headers: Map<string, Readonly<Record<string, string>>>;
  readonly asked: Asked[];
  /** Asked for every request; the count is of requests for this path, from 1. */
  fault: (asked: Asked, count: number) => Fault | null;
};

/** A server of files on a port of its own, with faults as the test scripts them. Ends with the test. */
export async function startFileServer(
  files: Readonly<Record<string, Buffer | string>> = {},
): Promise<FileServer> {
  const asked: Asked[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const entry = toAsked(request);
    asked.push(entry);
    const count = (counts.get(entry.path) ?? 0) + 1;
    counts.set(entry.path, count);
    answer(self, { asked: entry, response, fault: self.fault(entry, count) });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const self: FileServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: new Map(Object.entries(files)),
    headers: new Map(),
    asked,
    fault: () => null,
  };
  return self;
}

function toAsked(request: IncomingMessage): Asked {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  return {
    path: request.url ?? '',
    range:
      match === null ? null : { from: Number(match[1]), to: match[2] === '' ? null : Number(match[2]) + 1 },
    authorization: request.headers.authorization,
  };
}

type Answer = { readonly asked: Asked; readonly response: ServerResponse; readonly fault: Fault | null };

function answer(server: FileServer, { asked, response, fault }: Answer): void {
  if (fault !== null && 'status' in fault)
    return void response.writeHead(fault.status, fault.headers).end('no');
  if (fault !== null && 'redirect' in fault) {
    return void response.writeHead(302, { ...fault.headers, location: fault.redirect }).end();
  }
  const file = server.files.get(asked.path);
  if (file === undefined) return void response.writeHead(404).end('no such file');
  const whole = Buffer.from(file);
  const range = fault !== null && 'noRange' in fault ? null : asked.range;
  const body = range === null ? whole : whole.subarray(range.from, range.to ?? undefined);
  response.writeHead(range === null ? 200 : 206, {
    'content-length': body.length,
    ...(range === null
      ? {}
      : { 'content-range': `bytes ${range.from}-${range.from + body.length - 1}/${whole.length}` }),
    ...server.headers.get(asked.path),
  });
  void sendBody(body, response, fault);
}

async function sendBody(body: Buffer, response: ServerResponse, fault: Fault | null): Promise<void> {
  if (fault !== null && 'cutAfter' in fault) {
    response.write(body.subarray(0, fault.cutAfter), () => response.destroy());
  } else if (fault !== null && 'stallAfter' in fault) {
    response.write(body.subarray(0, fault.stallAfter));
  } else if (fault !== null && 'holdAfter' in fault) {
    response.write(body.subarray(0, fault.holdAfter));
    await fault.until;
    response.end(body.subarray(fault.holdAfter));
  } else response.end(body);
}
