import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type RawUpstream = {
  /** With `/v1`. */
  readonly url: string;
  /** Requests for words that came whole, over all connections. */
  readonly asked: () => number;
  readonly close: () => Promise<void>;
};

export type RawRequest = {
  readonly head: string;
  readonly body: string;
  /** How many requests came over this connection before. */
  readonly earlier: number;
  /** How many requests for words came before, over all connections. */
  readonly index: number;
};

/**
 * A server that writes byte for byte what it is told: everything that a library for HTTP would refuse to write. Only its list
 * of models (`fake-large`) is what it should be.
 */
export async function startRawUpstream(
  answer: (socket: Socket, request: RawRequest) => unknown,
  host = '127.0.0.1',
): Promise<RawUpstream> {
  const sockets = new Set<Socket>();
  let asked = 0;
  const server = createServer((socket) => {
    let read = '';
    let earlier = 0;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.setEncoding('latin1').on('data', (text: string) => {
      read += text;
      const end = read.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/iu.exec(read)?.[1] ?? 0);
      if (end < 0 || read.length < end + 4 + length) return;
      const request = { head: read.slice(0, end), body: read.slice(end + 4), earlier, index: asked };
      read = '';
      earlier += 1;
      if (request.head.startsWith('GET '))
        return void socket.write(wholeJson({ data: [{ id: 'fake-large' }] }));
      asked += 1;
      answer(socket, request);
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked: () => asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function wholeJson(value: unknown): string {
  const body = JSON.stringify(value);
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The head of a stream whose end is the connection's. */
export const streamHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';
/** The head of a stream in chunks, after which the connection serves again. */
export const chunkedHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

export function chunk(bytes: string | Buffer): Buffer {
  const data = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

export function frame(choice: object, more: object = {}): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }], ...more })}\n\n`;
}

export const saying = (content: string): string => frame({ delta: { content } });
export const ending = `${frame({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;
