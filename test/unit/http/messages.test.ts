import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { AppError, invalidRequest } from '../../../server/core/errors.ts';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate, startTestServer, type TestServer } from './harness.ts';

const hello: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'fake-model',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
};

const weatherTool = {
  name: 'weather',
  description: 'The weather of a town',
  input_schema: { type: 'object' as const, properties: { town: { type: 'string' } }, required: ['town'] },
};

/** Thinks, speaks, and calls twice. */
const rich: readonly GeneratePart[] = [
  { type: 'reasoning-delta', text: 'They want ', tokens: 2 },
  { type: 'reasoning-delta', text: 'the weather.', tokens: 3 },
  { type: 'text-delta', text: 'Let me "look".\n', tokens: 4 },
  { type: 'tool-call-start', index: 0, id: 'call_one', name: 'weather', tokens: 1 },
  { type: 'tool-call-delta', index: 0, arguments: '{"town":', tokens: 1 },
  { type: 'tool-call-delta', index: 0, arguments: '"Ulm"}', tokens: 1 },
  { type: 'tool-call-start', index: 1, id: 'call_two', name: 'weather', tokens: 1 },
  { type: 'tool-call-delta', index: 1, arguments: '{"town":"Bern"}', tokens: 1 },
];
const richAnswer = { parts: rich, promptTokens: 20, cachedTokens: 8, reason: 'tool_calls' } as const;
const richContent = [
  { type: 'thinking', thinking: 'They want the weather.', signature: expect.stringMatching(/.+/) },
  { type: 'text', text: 'Let me "look".\n', citations: null },
  { type: 'tool_use', id: 'toolu_one', name: 'weather', input: { town: 'Ulm' }, caller: { type: 'direct' } },
  { type: 'tool_use', id: 'toolu_two', name: 'weather', input: { town: 'Bern' }, caller: { type: 'direct' } },
];

function clientOf(server: TestServer, key = server.key): Anthropic {
  return new Anthropic({ baseURL: server.url, apiKey: key, maxRetries: 0 });
}

function post(server: TestServer, body: unknown, path = '/v1/messages', init: RequestInit = {}) {
  return fetch(server.url + path, {
    method: 'POST',
    headers: {
      'x-api-key': server.key,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify(body),
    ...init,
  });
}

describe('a whole message', () => {
  test('has every field of the vendor’s type, and counts cached tokens apart', async () => {
    const server = await startTestServer({ answer: { promptTokens: 12, cachedTokens: 5 } });
    const message = await clientOf(server).messages.create(hello);
    expect(message).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: 'fake-model',
      content: [{ type: 'text', text: 'Hello from the fake.', citations: null }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        input_tokens: 7,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 5,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 0 },
        server_tool_use: null,
        inference_geo: null,
        service_tier: 'standard',
        speed: null,
      },
    });
    expect(server.rows()[0]).toMatchObject({ route: '/v1/messages', status: 'ok', promptTokens: 12 });
  });

  test('tells thoughts, words and calls in this order', async () => {
    const server = await startTestServer({ answer: richAnswer });
    const message = await clientOf(server).messages.create({ ...hello, tools: [weatherTool] });
    expect(message).toMatchObject({ content: richContent, stop_reason: 'tool_use' });
  });

  test.each([
    ['max_tokens', { max_tokens: 2 }, {}],
    ['model_context_window_exceeded', {}, { reason: 'length' as const }],
  ])('says %s when the answer was too long', async (stopReason, body, answer) => {
    const server = await startTestServer({ answer });
    const message = await clientOf(server).messages.create({ ...hello, ...body });
    expect(message.stop_reason).toBe(stopReason);
  });

  test.each(['/messages', '/v1/messages?beta=true', '//v1//messages/'])(
    'is also answered at %s',
    async (path) => {
      const server = await startTestServer();
      const response = await post(server, hello, path, {
        headers: {
          authorization: `Bearer ${server.key}`,
          'content-type': 'application/json',
          'anthropic-version': '2031-01-01',
          'anthropic-beta': 'never-heard-of-2030',
        },
      });
      expect([response.status, await response.json()]).toMatchObject([200, { type: 'message' }]);
    },
  );
});

describe('a streamed message', () => {
  test('is the vendor’s events in the vendor’s order, each with its name', async () => {
    const server = await startTestServer({ answer: richAnswer });
    const response = await post(server, { ...hello, stream: true, tools: [weatherTool] });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = eventsOf(await response.text());
    for (const { name, data } of events) expect(data.type).toBe(name);
    expect(events.map(({ data }) => summary(data))).toEqual([
      'message_start',
      'content_block_start 0 thinking',
      'content_block_delta 0 thinking_delta',
      'content_block_delta 0 thinking_delta',
      'content_block_delta 0 signature_delta',
      'content_block_stop 0',
      'content_block_start 1 text',
      'content_block_delta 1 text_delta',
      'content_block_stop 1',
      'content_block_start 2 tool_use',
      'content_block_delta 2 input_json_delta',
      'content_block_delta 2 input_json_delta',
      'content_block_delta 2 input_json_delta',
      'content_block_stop 2',
      'content_block_start 3 tool_use',
      'content_block_delta 3 input_json_delta',
      'content_block_delta 3 input_json_delta',
      'content_block_stop 3',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]?.data).toMatchObject({
      message: { content: [], stop_reason: null, usage: { input_tokens: 12, cache_read_input_tokens: 8 } },
    });
    expect(events.at(-2)?.data).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
      usage: expect.objectContaining({ input_tokens: 12, cache_read_input_tokens: 8, output_tokens: 5 }),
    });
  });

  test('is put together by the SDK to what the whole message is', async () => {
    const server = await startTestServer({ answer: richAnswer });
    const stream = clientOf(server).messages.stream({ ...hello, tools: [weatherTool] });
    const inputs: unknown[] = [];
    stream.on('contentBlock', (block) => {
      if (block.type === 'tool_use') inputs.push(block.input);
    });
    const streamed = await stream.finalMessage();
    expect(inputs).toEqual([{ town: 'Ulm' }, { town: 'Bern' }]);
    const whole = await clientOf(server).messages.create({ ...hello, tools: [weatherTool] });
    expect(streamed).toMatchObject({ ...whole, id: streamed.id });
  });

  test('tells which stop sequence ended it', async () => {
    const server = await startTestServer({ answer: { stopSequence: '###' } });
    const client = clientOf(server);
    const body = { ...hello, stop_sequences: ['###'] };
    const ended = { stop_reason: 'stop_sequence', stop_sequence: '###' };
    expect(await client.messages.create(body)).toMatchObject(ended);
    expect(await client.messages.stream(body).finalMessage()).toMatchObject(ended);
  });

  test('that fails ends with an error event, which the SDK raises', async () => {
    const server = await startTestServer({
      beforePart: (index) => {
        if (index === 2) throw new AppError('The engine has died.', { status: 502, code: 'engine_failed' });
      },
    });
    const response = await post(server, { ...hello, stream: true });
    const last = eventsOf(await response.text()).at(-1);
    expect(last).toEqual({
      name: 'error',
      data: {
        type: 'error',
        error: { type: 'api_error', message: 'The engine has died.' },
        request_id: response.headers.get('request-id'),
      },
    });
    const failed = clientOf(server).messages.stream(hello).finalMessage();
    await expect(failed).rejects.toThrow('The engine has died.');
  });

  test('is kept alive by pings, also while it waits to begin', async () => {
    const { opened, open } = gate();
    const time = createManualTime();
    const server = await startTestServer({ beforePart: (index) => (index === 0 ? opened : undefined) }, time);
    const answer = post(server, { ...hello, stream: true });
    await expect.poll(() => server.engine.seen.active).toBe(1);
    time.advance(10_000);
    const body = (await answer).body?.pipeThrough(new TextDecoderStream()).getReader();
    for (const _ of [1, 2, 3]) {
      time.advance(15_000);
      expect(await body?.read()).toMatchObject({ value: 'event: ping\ndata: {"type":"ping"}\n\n' });
    }
    open();
    expect(await body?.read()).toMatchObject({ value: expect.stringMatching(/^event: message_start\n/) });
  });

  test('stops the generation when the client leaves', async () => {
    const { opened } = gate();
    const server = await startTestServer({ beforePart: (index) => (index === 2 ? opened : undefined) });
    const stream = clientOf(server).messages.stream(hello);
    await new Promise((resolve) => stream.once('text', resolve));
    stream.abort();
    await expect(stream.done()).rejects.toThrow(Anthropic.APIUserAbortError);
    await expect.poll(() => server.engine.seen.cancelled).toBe(1);
  });
});

describe('an error', () => {
  test.each([
    [{}, 'sk-ink_wrong', Anthropic.AuthenticationError, 'authentication_error'],
    [{ model: 'nobody' }, null, Anthropic.NotFoundError, 'not_found_error'],
    [{ max_tokens: 0 }, null, Anthropic.BadRequestError, 'invalid_request_error'],
  ])('for %j with the key %s has the vendor’s class, shape and request id', async (body, key, kind, type) => {
    const server = await startTestServer();
    const failed = clientOf(server, key ?? server.key).messages.create({ ...hello, ...body });
    const error = await failed.then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ type, requestID: server.rows()[0]?.id, error: { type: 'error' } });
  });

  test('of a wrong key tells the client not to try again', async () => {
    const server = await startTestServer();
    const response = await post(server, hello, '/v1/messages', {
      headers: { 'x-api-key': 'wrong', 'content-type': 'application/json' },
    });
    expect([response.status, response.headers.get('x-should-retry')]).toEqual([401, 'false']);
  });

  test('of a busy model is 529, and the log says the same', async () => {
    const server = await startTestServer({
      beforeReady() {
        throw new AppError('Too many wait.', { status: 503, code: 'overloaded', retryAfterSeconds: 7 });
      },
    });
    const response = await post(server, hello);
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toMatchObject([
      529,
      '7',
      { error: { type: 'overloaded_error' } },
    ]);
    expect(server.rows()[0]).toMatchObject({ httpStatus: 529 });
  });

  test('of a prompt that is too long has the phrase clients look for', async () => {
    const server = await startTestServer({
      beforePart() {
        throw new AppError(
          "This model's maximum context length is 4096 tokens, but the request has 5000 tokens. Please shorten it.",
          { status: 400, code: 'context_length_exceeded', param: 'messages' },
        );
      },
    });
    expect(await (await post(server, hello)).json()).toMatchObject({
      error: { type: 'invalid_request_error', message: 'prompt is too long: 5000 tokens > 4096 maximum' },
    });
  });

  test.each([
    ['GET', '/v1/messages', 405, 'invalid_request_error'],
    ['POST', '/v1/messages/batches', 404, 'not_found_error'],
  ])('for %s %s has this shape too', async (method, path, status, type) => {
    const server = await startTestServer();
    const response = await fetch(server.url + path, { method });
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { type: 'error', error: { type } },
    ]);
  });

  test('for a body that is no JSON has this shape too', async () => {
    const server = await startTestServer();
    const response = await post(server, null, '/v1/messages', { body: '{' });
    expect([response.status, await response.json()]).toMatchObject([400, { type: 'error' }]);
  });
});

describe('counting', () => {
  test('asks the model’s own tokenizer for the whole prompt, tools too, and spends nothing', async () => {
    const server = await startTestServer({
      countTokens: (request) => 100 * (request.chat?.tools.length ?? 0) + request.messages.length,
    });
    const { model, messages } = hello;
    const counted = await clientOf(server).messages.countTokens({
      model,
      messages,
      system: 'Be short.',
      tools: [weatherTool],
    });
    expect(counted).toEqual({ input_tokens: 102 });
    expect(server.engine.seen.requests).toEqual([]);
    expect(server.rows()[0]).toMatchObject({
      route: '/v1/messages/count_tokens',
      status: 'ok',
      promptTokens: 0,
    });
  });

  test('does not wait for a slot', async () => {
    const { opened, open } = gate();
    const server = await startTestServer({ slots: 1, beforePart: () => opened });
    const running = post(server, hello);
    await expect.poll(() => server.engine.seen.active).toBe(1);
    const { model, messages } = hello;
    expect(await clientOf(server).messages.countTokens({ model, messages })).toEqual({ input_tokens: 12 });
    open();
    expect((await running).status).toBe(200);
  });

  test('fails in the same words', async () => {
    const server = await startTestServer({
      countTokens() {
        throw invalidRequest('This model reads text only, but a message contains a picture.', 'messages');
      },
    });
    const { model, messages } = hello;
    await expect(clientOf(server).messages.countTokens({ model, messages })).rejects.toThrow(
      Anthropic.BadRequestError,
    );
  });
});

test('what is not done is named in the header', async () => {
  const server = await startTestServer();
  const response = await post(server, {
    ...hello,
    tools: [weatherTool, { type: 'web_search_20250305', name: 'web_search' }],
  });
  expect(response.headers.get('x-inglenook-dropped')).toBe('tools.1');
});

type Event = {
  readonly name: string;
  readonly data: { readonly type: string; readonly [field: string]: unknown };
};

function eventsOf(body: string): Event[] {
  return body
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      return { name, data: JSON.parse(data) as Event['data'] };
    });
}

function summary(data: Event['data']): string {
  const inner = (data['content_block'] ?? data['delta']) as { readonly type?: string } | undefined;
  const index = typeof data['index'] === 'number' ? [data['index']] : [];
  return [data.type, ...index, ...(inner?.type === undefined ? [] : [inner.type])].join(' ');
}
