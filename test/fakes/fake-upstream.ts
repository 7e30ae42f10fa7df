import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';

/**
 * How the fake behaves; all but `ok` and `json` are what security.md #57 and the peers' trackers tell of. `holds`: says
 * one word and waits for `release`. `resets` is before the head, `dies-unheard` before the first word, `dies` after it.
 */
const upstreamModes = [
  'ok',
  'json',
  'holds',
  'resets',
  'dies-unheard',
  'dies',
  'hangs',
  'html',
  'busy',
  'spent',
  'truncated',
  'redirect',
  'endless',
  'huge-line',
  'wrong-type',
  'bad-json',
  'bad-utf8',
  'two-dones',
  'no-finish',
  'error-in-stream',
  'echoes-key',
  'server-error',
  'no-model',
] as const;
export type UpstreamMode = (typeof upstreamModes)[number];

export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
};

export type FakeUpstream = {
  /** With `/v1`. */
  readonly url: string;
  readonly port: number;
  mode: UpstreamMode;
  /** How the next requests are answered, one each; the mode counts again when there is none left. */
  readonly upcoming: UpstreamMode[];
  /** Requests for words only, in order. */
  readonly seen: SeenRequest[];
  /** How often a client has left an answer that was not at its end. */
  readonly left: () => number;
  /** Connections that were opened. */
  readonly connections: () => number;
  /** Resolves at the next time a client leaves. */
  readonly nextLeft: () => Promise<void>;
  /** Lets answers that are held go on. */
  readonly release: () => void;
  readonly close: () => Promise<void>;
};

export type FakeUpstreamOptions = {
  readonly mode?: UpstreamMode;
  readonly models?: readonly string[];
  readonly words?: readonly string[];
  /** Asked for on every route. */
  readonly apiKey?: string;
  /** Answers other routes, llama-server's for instance; undefined leaves it to the fake. */
  readonly extra?: (path: string, body: unknown) => unknown;
  /** The pieces of the answer, in place of the words: `delta` objects. */
  readonly deltas?: readonly object[];
  readonly port?: number;
  /** Waited for by each request for words or vectors before it is answered. */
  readonly gate?: () => Promise<void>;
};

/** A server that speaks OpenAI's language on a real socket, well or badly. */
export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const sockets = new Set<Socket>();
  const seen: SeenRequest[] = [];
  let left = 0;
  let opened = 0;
  let held = Promise.withResolvers<void>();
  let leaving = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (response.writableFinished) return;
      left += 1;
      leaving.resolve();
      leaving = Promise.withResolvers<void>();
    });
    void handle(request, response);
  });
  server.on('connection', (socket: Socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const body: unknown = text === '' ? null : JSON.parse(text);
    const path = request.url ?? '';
    const { apiKey, models = ['fake-large'] } = options;
    if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`) {
      return json(response, 401, { error: { message: 'no', code: 'invalid_api_key' } });
    }
    const extra = options.extra?.(path, body);
    if (extra !== undefined) return json(response, 200, extra);
    if (path === '/v1/models') {
      if (fake.mode === 'hangs') return;
      return json(response, 200, {
        object: 'list',
        data: models.map((id) => ({ id, object: 'model', created: 1 })),
      });
    }
    seen.push({ method: request.method ?? '', path, headers: request.headers, body });
    await options.gate?.();
    if (path === '/v1/embeddings') return json(response, 200, { data: [{ index: 0, embedding: [1, 0] }] });
    await answer(response, body as WantedBody);
  }

  async function answer(response: ServerResponse, body: WantedBody): Promise<void> {
    const said = piecesOf(options);
    const begun = said.slice(0, 2).map(frame).join('');
    switch (fake.upcoming.shift() ?? fake.mode) {
      case 'ok':
        return stream(response, [...said, ...ending(body, said.length)], true);
      case 'json':
        return json(response, 200, {
          choices: [{ index: 0, message: { role: 'assistant', content: 'Whole.' }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 3, completion_tokens: 2 },
        });
      case 'holds':
        head(response);
        response.write(begun);
        await held.promise;
        return stream(response, [...said.slice(2), ...ending(body, said.length)], true);
      case 'resets':
        response.socket?.resetAndDestroy();
        return;
      case 'dies-unheard':
        head(response);
        response.write(frame(said[0] ?? {}), () => response.socket?.resetAndDestroy());
        return;
      case 'dies':
        head(response);
        response.write(begun, () => response.socket?.destroy());
        return;
      case 'hangs':
        return;
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' });
        return void response.end('<!doctype html><h1>Sign in to the Wi-Fi</h1>');
      case 'busy':
        response.setHeader('retry-after', '7');
        return json(response, 429, { error: { message: 'slow down' } });
      case 'spent':
        return json(response, 429, { error: { message: 'pay first', code: 'insufficient_quota' } });
      case 'truncated':
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100000' });
        response.write(begun, () => response.socket?.end());
        return;
      case 'redirect':
        response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' });
        return void response.end();
      case 'endless':
        return endless(response, said[0] ?? {});
      case 'huge-line':
        head(response);
        return pour(response, () => 'x'.repeat(64 * 1024));
      case 'wrong-type':
        response.writeHead(200, { 'content-type': 'application/octet-stream' });
        return void response.end(frame(said[0] ?? {}));
      case 'bad-json':
        head(response);
        return void response.end(`${begun}data: {"choices":[{\n\n`);
      case 'bad-utf8':
        head(response);
        response.write(
          Buffer.concat([
            Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"a'),
            Buffer.from([0xff]),
            Buffer.from('b"}}]}\n\n'),
          ]),
        );
        return stream(response, ending(body, 1), true);
      case 'two-dones':
        head(response);
        return void response.end(
          `${[...said, ...ending(body, said.length)].map(frame).join('')}data: [DONE]\n\ndata: [DONE]\n\n`,
        );
      case 'no-finish':
        return stream(response, said, false);
      case 'error-in-stream':
        head(response);
        return void response.end(`${begun}data: {"error":{"message":"out of memory","code":500}}\n\n`);
      case 'echoes-key':
        return json(response, 400, {
          error: { message: `bad request with Bearer ${options.apiKey} and ${options.apiKey}` },
        });
      case 'server-error':
        return json(response, 500, { error: { message: 'Traceback (most recent call last)' } });
      case 'no-model':
        return json(response, 404, { error: { message: 'The model does not exist' } });
    }
  }

  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeUpstream = {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    mode: options.mode ?? 'ok',
    upcoming: [],
    seen,
    left: () => left,
    connections: () => opened,
    nextLeft: () => leaving.promise,
    release: () => {
      held.resolve();
      held = Promise.withResolvers<void>();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

type WantedBody = {
  readonly max_tokens?: number;
  readonly stream_options?: { readonly include_usage?: boolean };
} | null;

const envelope = { id: 'chatcmpl-theirs', object: 'chat.completion.chunk', created: 7, model: 'their-name' };

function piecesOf({
  deltas,
  words = ['Hel', 'lo', ' "there"', '\n\u00e9\u{1f600}'],
}: FakeUpstreamOptions): object[] {
  const spoken = deltas ?? words.map((content) => ({ content }));
  return [{ role: 'assistant', content: '' }, ...spoken].map((delta) => ({
    ...envelope,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  }));
}

function ending(body: WantedBody, count: number): object[] {
  return [
    { ...envelope, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    ...(body?.stream_options?.include_usage === true
      ? [
          {
            ...envelope,
            choices: [],
            usage: {
              prompt_tokens: 11,
              completion_tokens: count - 1,
              prompt_tokens_details: { cached_tokens: 4 },
            },
          },
        ]
      : []),
  ];
}

function frame(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function head(response: ServerResponse): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
}

function stream(response: ServerResponse, frames: readonly object[], isDone: boolean): void {
  head(response);
  for (const value of frames) response.write(frame(value));
  response.end(isDone ? 'data: [DONE]\n\n' : '');
}

function endless(response: ServerResponse, piece: object): void {
  head(response);
  const said = frame({ ...piece, choices: [{ index: 0, delta: { content: 'on ' }, finish_reason: null }] });
  pour(response, () => said);
}

/** For as long as somebody reads. */
function pour(response: ServerResponse, next: () => string): void {
  const more = (): void => {
    while (!response.destroyed && response.write(next()));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** `node test/fakes/fake-upstream.ts MODE [PORT]`, to look at by hand. */
if (import.meta.main) {
  const [mode = 'ok', port = '0'] = process.argv.slice(2);
  const known = upstreamModes.find((one) => one === mode);
  if (known === undefined) throw new Error(`The modes are: ${upstreamModes.join(', ')}`);
  const { url } = await startFakeUpstream({ mode: known, port: Number(port) });
  process.stdout.write(`${url}\n`);
}
