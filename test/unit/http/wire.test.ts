import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate, startTestServer, type TestServer } from './harness.ts';

/** What a raw socket sends and gets; for heads and readers that fetch does not have. */
async function open(server: TestServer): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function chatHead({ key }: TestServer, body: string): string {
  return [
    'POST /v1/chat/completions HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const streamed = JSON.stringify({
  model: 'fake-model',
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
});

describe('headers', () => {
  test.each([
    ['an answer', 'POST', '/v1/chat/completions', 200],
    ['a list of models', 'GET', '/v1/models', 200],
    ['a path that is not there', 'GET', '/v1/nothing', 404],
    ['another method', 'GET', '/v1/embeddings', 405],
  ])('of %s tell its id and its time', async (_name, method, path, status) => {
    const server = await startTestServer();
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: streamed } : {}),
    });
    await response.text();
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
      'openai-processing-ms': expect.stringMatching(/^\d+$/),
      'openai-version': '2020-10-01',
    });
  });

  test('the console and the health check have none of them', async () => {
    const server = await startTestServer();
    const response = await fetch(`${server.url}/healthz`);
    expect([...response.headers.keys()].filter((name) => /request-id|openai/.test(name))).toEqual([]);
  });

  test('a client’s own id of the request and what was dropped are in the row', async () => {
    const server = await startTestServer();
    await server.chat(
      { tools: [{ type: 'web_search' }] },
      {
        headers: {
          authorization: `Bearer ${server.key}`,
          'content-type': 'application/json',
          'x-client-request-id': 'mine-1',
        },
        body: JSON.stringify({ ...JSON.parse(streamed), stream: false, tools: [{ type: 'web_search' }] }),
      },
    );
    expect(server.rows()[0]).toMatchObject({ clientRequestId: 'mine-1', dropped: ['tools.0'] });
  });

  test('a head that cannot be read is answered in JSON', async () => {
    const server = await startTestServer();
    const socket = await open(server);
    socket.end('NONSENSE\r\n\r\n');
    const text = Buffer.concat(await socket.toArray()).toString();
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/);
    expect(JSON.parse(body)).toMatchObject({
      error: { type: 'invalid_request_error', param: null, code: null },
    });
  });
});

describe('a stream', () => {
  test('is kept alive while nothing is said, by a comment that Continue does not take for the end', async () => {
    const time = createManualTime();
    const held = gate();
    const server = await startTestServer(
      { beforePart: (index) => (index === 2 ? held.opened : undefined) },
      time,
    );
    const response = await server.chat({ stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (end: string): Promise<void> => {
      while (!text.endsWith(end)) text += (await reader?.read())?.value ?? '';
    };
    await readUntil('"finish_reason":null}]}\n\n');
    time.advance(15_000);
    await readUntil(': keep-alive\n\n');
    held.open();
    await readUntil('data: [DONE]\n\n');
    expect(text.match(/keep-alive/g)).toHaveLength(1);
  });

  test('sends frames that are ready together in one write', async () => {
    const server = await startTestServer({ answer: { words: Array.from({ length: 50 }, () => 'word ') } });
    const socket = await open(server);
    socket.write(chatHead(server, streamed));
    let text = '';
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.includes('[DONE]')) break;
    }
    // HTTP's own chunks: one for each write.
    const writes = text.match(/^[0-9a-f]+\r$/gm) ?? [];
    expect(text.match(/^data: /gm)).toHaveLength(53);
    expect(writes.length).toBeLessThan(10);
  });
});

describe('a reader that stops reading', () => {
  const words = Array.from({ length: 2000 }, () => 'x'.repeat(64 * 1024));

  async function startSlow() {
    const time = createManualTime();
    let said = 0;
    const server = await startTestServer({ answer: { words }, beforePart: () => void (said += 1) }, time);
    const socket = await open(server);
    socket.pause();
    socket.write(chatHead(server, streamed));
    // The system's own buffers take some megabytes; then nothing moves any more.
    let before = -1;
    await vi.waitUntil(
      () => {
        const isStill = said > 10 && said === before;
        before = said;
        return isStill;
      },
      { timeout: 8000, interval: 100 },
    );
    return { time, server, socket, said: () => said };
  }

  test('pauses its answer, with about a megabyte waiting at most', async () => {
    const { server, said } = await startSlow();
    expect(said()).toBeLessThan(words.length);
    const [exchange] = server.running;
    expect(exchange?.response.writableLength).toBeGreaterThan(512 * 1024);
    expect(exchange?.response.writableLength).toBeLessThan(1.25 * 1024 * 1024);
  });

  test('is dropped after 30 s, its generation stopped and the row telling why', async () => {
    const { time, server, socket } = await startSlow();
    time.advance(29_000);
    expect(server.engine.seen.active).toBe(1);
    time.advance(1_000);
    await vi.waitUntil(() => server.engine.seen.active === 0);
    expect(server.engine.seen.cancelled).toBe(1);
    await vi.waitUntil(() => server.rows().length === 1);
    expect(server.rows()[0]).toMatchObject({
      status: 'error',
      error: expect.stringContaining('reader_stalled'),
    });
    socket.resume();
    await vi.waitUntil(() => socket.destroyed);
  });

  test('that goes on in time gets everything', async () => {
    const { time, socket } = await startSlow();
    time.advance(29_000);
    let bytes = 0;
    let end = '';
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      end = (end + chunk.toString()).slice(-200);
    });
    socket.resume();
    await vi.waitUntil(() => end.includes('[DONE]'), { timeout: 8000 });
    expect(bytes).toBeGreaterThan(words.length * 64 * 1024);
  });
});

describe('bodies in the shape of Responses', () => {
  test('are answered in chat’s form, as Cursor expects', async () => {
    const server = await startTestServer();
    const response = await server.chat({
      messages: undefined,
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'What is in a.txt?' }] },
        { type: 'function_call', call_id: 'call_1', name: 'read', arguments: '{"path":"a.txt"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Hello' },
      ],
      tools: [
        {
          type: 'function',
          name: 'read',
          description: 'Reads',
          parameters: { type: 'object', properties: {} },
        },
      ],
      tool_choice: { type: 'function', name: 'read' },
      max_output_tokens: 3,
      reasoning: { effort: 'low' },
      text: { format: { type: 'text' } },
      store: false,
    });
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hello from the' }, finish_reason: 'length' }],
    });
    expect(server.engine.seen.requests[0]).toMatchObject({
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        { role: 'user', content: [{ type: 'text', text: 'What is in a.txt?' }] },
        { role: 'assistant', toolCalls: [{ id: 'call_1', name: 'read', arguments: '{"path":"a.txt"}' }] },
        { role: 'tool', toolCallId: 'call_1', content: [{ type: 'text', text: 'Hello' }] },
      ],
      maxTokens: 3,
      chat: { tools: [{ name: 'read' }], toolChoice: { name: 'read' }, reasoningEffort: 'low' },
    });
  });

  test('a schema in text.format counts, and a body with neither shape names messages', async () => {
    const server = await startTestServer();
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    await server.chat({
      messages: undefined,
      input: 'Hi',
      text: { format: { type: 'json_schema', name: 'x', schema } },
    });
    expect(server.engine.seen.requests[0]?.chat?.responseFormat).toMatchObject({
      type: 'json-schema',
      schema,
    });
    const refused = await server.chat({ messages: undefined });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { param: 'messages' } }]);
  });
});
