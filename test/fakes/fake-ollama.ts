import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export type FakeOllamaModel = {
  readonly name: string;
  /** Default: completion and tools. */
  readonly capabilities?: readonly string[];
  readonly contextTokens?: number;
  /** A cloud model computes on this host. */
  readonly remoteHost?: string;
};

export type FakeOllamaOptions = {
  readonly port?: number;
  /** Where it listens; loopback unless told. */
  readonly host?: string;
  readonly version?: string;
  readonly models?: readonly FakeOllamaModel[];
  /** The lines of an answer before its last; default two words. */
  readonly answer?: (body: OllamaBody) => readonly object[];
  /** What a fetch tells, line by line. */
  readonly pull?: readonly object[];
  /** Held before each line but the first of what a fetch tells. */
  readonly beforePullLine?: (index: number) => void | Promise<void>;
  /** Held before the second line of an answer. */
  readonly beforeWord?: () => void | Promise<void>;
  /** Taken by each request for words or vectors, so that there are some at the same time. */
  readonly delayMs?: number;
};

// oxlint-disable-next-line typescript/no-explicit-any
export type OllamaBody = any;

export type FakeOllama = {
  /** Without a path. */
  readonly address: string;
  readonly port: number;
  readonly seen: { readonly path: string; readonly body: OllamaBody }[];
  /** Names of what is in memory, with the context each was loaded with. */
  readonly loaded: ReadonlyMap<string, number>;
  /** The most it had at the same time of requests for words or vectors. */
  readonly mostAtOnce: { requests: number; modelsInUse: number; ofOneModel: number };
  readonly left: () => number;
  readonly nextLeft: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Ollama's own API on a real socket (its docs/api.md, 0.17): what it says, not what it computes. */
export async function startFakeOllama(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
  const models = new Map((options.models ?? [{ name: 'fake:1b' }]).map((model) => [model.name, model]));
  const sockets = new Set<Socket>();
  const seen: FakeOllama['seen'] = [];
  const loaded = new Map<string, number>();
  const mostAtOnce = { requests: 0, modelsInUse: 0, ofOneModel: 0 };
  const inUse: string[] = [];
  let left = 0;
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
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const body: OllamaBody = text === '' ? null : JSON.parse(text);
    const path = request.url ?? '';
    if (request.method === 'POST') seen.push({ path, body });
    switch (path) {
      case '/api/version':
        return json(response, 200, { version: options.version ?? '0.17.4' });
      case '/api/tags':
        return json(response, 200, { models: [...models.values()].map(tag) });
      case '/api/ps':
        return json(response, 200, { models: [...loaded].map(([name, context]) => running(name, context)) });
      case '/api/pull':
        return await pull(response, body);
    }
    const model = models.get(body?.model ?? '');
    if (model === undefined) return json(response, 404, { error: `model '${body?.model}' not found` });
    if (path === '/api/show') return json(response, 200, about(model));
    if (body.keep_alive === 0) {
      loaded.delete(model.name);
      return json(response, 200, { model: model.name, done: true, done_reason: 'unload' });
    }
    loaded.set(model.name, body.options?.num_ctx ?? 4096);
    const isLoad = body.prompt === undefined && body.messages === undefined && !(body.input?.length > 0);
    if (!isLoad) count(model.name, response);
    if (options.delayMs !== undefined) await sleep(options.delayMs);
    if (path === '/api/embed') return json(response, 200, embedded(body));
    if (path === '/api/generate' && body.prompt === undefined) {
      return json(response, 200, { model: model.name, response: '', done: true, done_reason: 'load' });
    }
    await answer(response, path, body);
  }

  function count(model: string, response: ServerResponse): void {
    inUse.push(model);
    const ofOne = inUse.filter((one) => one === model).length;
    mostAtOnce.requests = Math.max(mostAtOnce.requests, inUse.length);
    mostAtOnce.modelsInUse = Math.max(mostAtOnce.modelsInUse, new Set(inUse).size);
    mostAtOnce.ofOneModel = Math.max(mostAtOnce.ofOneModel, ofOne);
    response.once('close', () => inUse.splice(inUse.indexOf(model), 1));
  }

  async function answer(response: ServerResponse, path: string, body: OllamaBody): Promise<void> {
    const said = JSON.stringify(body.messages ?? body.prompt).length;
    if (body.truncate === false && said > (body.options.num_ctx as number) * 4) {
      return json(response, 400, { error: 'the input length exceeds the context length' });
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const lines = options.answer?.(body) ?? ['Hel', 'lo'].map((word) => spoken(path, word));
    for (const [index, line] of lines.entries()) {
      if (index === 1) await options.beforeWord?.();
      if (response.destroyed) return;
      response.write(`${JSON.stringify({ model: body.model, done: false, ...line })}\n`);
    }
    const end = {
      ...spoken(path, ''),
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 9,
      eval_count: lines.length,
    };
    response.end(`${JSON.stringify(end)}\n`);
  }

  async function pull(response: ServerResponse, body: OllamaBody): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const lines = options.pull ?? [
      { status: 'pulling manifest' },
      { status: 'pulling aaa', digest: 'sha256:a', total: 100 },
      { status: 'pulling aaa', digest: 'sha256:a', total: 100, completed: 100 },
      { status: 'pulling bbb', digest: 'sha256:b', total: 10, completed: 10 },
      { status: 'success' },
    ];
    for (const [index, line] of lines.entries()) {
      if (index > 0) await options.beforePullLine?.(index);
      if (response.destroyed) return;
      response.write(`${JSON.stringify(line)}\n`);
    }
    response.end();
    if (lines.some((line) => 'status' in line && line.status === 'success')) {
      models.set(body.model as string, { name: body.model as string });
    }
  }

  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    seen,
    loaded,
    mostAtOnce,
    left: () => left,
    nextLeft: () => leaving.promise,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function spoken(path: string, word: string): object {
  return path === '/api/chat' ? { message: { role: 'assistant', content: word } } : { response: word };
}

function tag({ name, remoteHost }: FakeOllamaModel): object {
  return {
    name,
    model: name,
    digest: `digest-of-${name}`,
    size: 1000,
    modified_at: '2026-11-01T10:00:00.5+01:00',
    ...(remoteHost === undefined ? {} : { remote_host: remoteHost, remote_model: name }),
  };
}

function about({ capabilities = ['completion', 'tools'], contextTokens = 32_768 }: FakeOllamaModel): object {
  return { capabilities, details: { family: 'fake' }, model_info: { 'fake.context_length': contextTokens } };
}

function running(name: string, context: number): object {
  return { name, size: 2000, size_vram: 0, context_length: context, expires_at: '2099-01-01T00:00:00Z' };
}

function embedded({ input, model }: OllamaBody): object {
  const texts: string[] = typeof input === 'string' ? [input] : input;
  return { model, embeddings: texts.map((text) => [text.length, 1]), prompt_eval_count: texts.length };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

/** As the program is called: `ollama serve`, where `OLLAMA_HOST` tells. Its environment is its version. */
if (import.meta.main) {
  const [host = '127.0.0.1', port = '0'] = process.env['OLLAMA_HOST']?.split(':') ?? [];
  const { address } = await startFakeOllama({
    host,
    port: Number(port),
    version: `0.17.4-${process.env['OLLAMA_NUM_PARALLEL']}-${process.env['OLLAMA_MAX_LOADED_MODELS']}-${process.env['OLLAMA_KEEP_ALIVE']}-${process.env['OLLAMA_NO_CLOUD']}`,
  });
  process.stderr.write(`listening on ${address}\n`);
}
