import { describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { endExchanges } from '../../../server/http/exchange.ts';
import { createKey, revokeKey } from '../../../server/store/keys.ts';
import { gate, startTestServer } from './harness.ts';

describe('a whole answer', () => {
  test('has the words, the usage, our headers, and its row in the log', async () => {
    const server = await startTestServer();
    const response = await server.chat();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'fake-model',
      choices: [{ message: { role: 'assistant', content: 'Hello from the fake.' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-inglenook-model': 'fake-model',
      'x-inglenook-tried': 'fake-model',
      'x-inglenook-queue-ms': expect.stringMatching(/^\d$/),
      'x-request-id': expect.stringMatching(/^req_/),
      'openai-processing-ms': expect.stringMatching(/^\d+$/),
    });
    expect(server.rows()).toMatchObject([
      {
        id: response.headers.get('x-request-id'),
        key: 'test',
        keyId: server.keyId,
        model: 'fake-model',
        servedModel: 'fake-model',
        engine: 'fake',
        route: '/v1/chat/completions',
        status: 'ok',
        httpStatus: 200,
        finishReason: 'stop',
        error: null,
        promptTokens: 12,
        completionTokens: 5,
        tried: ['fake-model'],
        ip: '127.0.0.1',
      },
    ]);
  });

  test('names what was asked for and not done', async () => {
    const server = await startTestServer({ check: () => ['tools.1.function.parameters.uniqueItems'] });
    const response = await server.chat({
      tools: [{ type: 'web_search' }, { type: 'function', function: { name: 'f' } }],
    });
    expect(response.headers.get('x-inglenook-dropped')).toBe(
      'tools.0,tools.1.function.parameters.uniqueItems',
    );
  });

  test('names as many as clients can read, also with half characters', async () => {
    const many = [
      '\uD800',
      ...Array.from({ length: 500 }, (_, index) => `tools.0.a-rather-long-name.${index}`),
    ];
    const server = await startTestServer({ check: () => many });
    const dropped = (await server.chat()).headers.get('x-inglenook-dropped') ?? '';
    expect(dropped.length).toBeLessThan(4100);
    expect(dropped).toMatch(/^%EF%BF%BD,tools\.0\.[^]*,and-\d+-more$/);
  });

  test('that cannot be as the schema wants it is refused before anything is loaded', async () => {
    const refusal = new AppError('No.', { status: 400, code: 'invalid_request', param: 'response_format' });
    const server = await startTestServer({
      check: () => {
        throw refusal;
      },
    });
    const response = await server.chat({ response_format: { type: 'json_object' } });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { message: 'No.', type: 'invalid_request_error', param: 'response_format', code: null } },
    ]);
    expect(server.engine.seen.loads).toBe(0);
  });

  test('may consist of thoughts and calls', async () => {
    const server = await startTestServer({
      answer: {
        reason: 'tool_calls',
        parts: [
          { type: 'reasoning-delta', text: 'H', tokens: 1 },
          { type: 'reasoning-delta', text: 'm.', tokens: 1 },
          { type: 'tool-call-start', index: 0, id: 'call_a', name: 'f', tokens: 1 },
          { type: 'tool-call-delta', index: 0, arguments: '{"a":', tokens: 1 },
          { type: 'tool-call-delta', index: 0, arguments: '1}', tokens: 1 },
        ],
      },
    });
    const response = await server.chat({ tools: [{ type: 'function', function: { name: 'f' } }] });
    expect(await response.json()).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            content: null,
            reasoning_content: 'Hm.',
            tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
          },
        },
      ],
    });
    expect(server.rows()).toMatchObject([{ finishReason: 'tool_calls', status: 'ok' }]);
  });

  test.each(['/v1/chat/completions', '/chat/completions', '//v1//chat/completions', '/v1/chat/completions/'])(
    'is also at %s',
    async (path) => {
      const server = await startTestServer();
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'x-api-key': server.key, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] }),
      });
      expect(response.status).toBe(200);
      expect(server.rows()).toMatchObject([{ route: '/v1/chat/completions' }]);
    },
  );
});

describe('a streamed answer', () => {
  test('is whole frames of SSE, ended by [DONE], after its row was committed', async () => {
    const server = await startTestServer();
    const response = await server.chat({ stream: true, stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const frames = (await response.text()).split('\n\n');
    expect(frames.at(-2)).toBe('data: [DONE]');
    const text = frames
      .slice(0, -2)
      .map((frame) => JSON.parse(frame.replace('data: ', '')))
      .map((chunk) => chunk.choices[0]?.delta.content ?? '')
      .join('');
    expect(text).toBe('Hello from the fake.');
    expect(server.rows()).toMatchObject([{ status: 'ok', completionTokens: 5 }]);
  });

  test('the row is there before the last byte', async () => {
    const server = await startTestServer();
    const response = await server.chat({ stream: true });
    const reader = response.body?.getReader();
    for (let done = false; !done;) {
      const read = await reader?.read();
      if (Buffer.from(read?.value ?? []).includes('[DONE]')) expect(server.rows()).toHaveLength(1);
      done = read?.done ?? true;
    }
    expect.assertions(1);
  });

  test('a client that leaves stops its generation, and what it got is logged as cancelled', async () => {
    const second = gate();
    const server = await startTestServer({
      beforePart: (index) => (index === 2 ? second.opened : undefined),
    });
    const leaving = new AbortController();
    const response = await server.chat({ stream: true }, { signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await vi.waitFor(() => expect(server.engine.seen.cancelled).toBe(1));
    await vi.waitFor(() =>
      expect(server.rows()).toMatchObject([
        { status: 'cancelled', httpStatus: 499, promptTokens: 12, completionTokens: 1, finishReason: null },
      ]),
    );
    expect(server.router.active()).toBe(0);
  });

  test('an engine that breaks in the middle ends the stream with an error frame, without [DONE]', async () => {
    const server = await startTestServer({
      beforePart: (index) => {
        if (index === 3) {
          throw new AppError('The engine has stopped.', {
            status: 503,
            code: 'engine_failed',
            source: 'engine',
          });
        }
      },
    });
    const text = await (await server.chat({ stream: true })).text();
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace('data: ', ''))).toEqual({
      error: { message: 'The engine has stopped.', type: 'server_error', param: null, code: 'engine_failed' },
    });
    expect(text).not.toContain('[DONE]');
    expect(server.rows()).toMatchObject([{ status: 'error', httpStatus: 200, completionTokens: 2 }]);
  });

  test('an engine that breaks before the first part gives an HTTP status and Retry-After', async () => {
    const server = await startTestServer({
      beforeReady: () => {
        throw new AppError('The model cannot be loaded.', {
          status: 503,
          code: 'model_unavailable',
          retryAfterSeconds: 2,
        });
      },
    });
    const response = await server.chat({ stream: true });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(response.headers.get('x-should-retry')).toBe('true');
    expect(server.rows()).toMatchObject([{ status: 'error', httpStatus: 503 }]);
  });

  test('an error nobody expected tells the client nothing of its text', async () => {
    const server = await startTestServer({
      beforePart: () => {
        throw new Error('secret detail at /home/anna');
      },
    });
    const response = await server.chat();
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(server.rows()[0]?.error).not.toContain('secret');
  });

  test('ending the requests of a key ends its running streams with a sentence', async () => {
    const held = gate();
    const server = await startTestServer({ beforePart: (index) => (index === 2 ? held.opened : undefined) });
    const response = await server.chat({ stream: true });
    const text = response.text();
    await vi.waitFor(() => expect(server.engine.seen.active).toBe(1));
    const reason = new AppError('This key has been revoked.', { status: 401, code: 'invalid_api_key' });
    endExchanges(server.running, reason, (entry) => entry.principal?.keyId === server.keyId);
    expect(await text).toContain('This key has been revoked.');
  });
});

describe('waiting', () => {
  test('with every slot taken a request waits for its turn, and the log says how long', async () => {
    const first = gate();
    const server = await startTestServer({
      slots: 1,
      beforePart: (index, request) => (request.maxTokens === 1 && index === 1 ? first.opened : undefined),
    });
    const held = server.chat({ max_tokens: 1 });
    await vi.waitFor(() => expect(server.engine.seen.active).toBe(1));
    const waiting = server.chat();
    await vi.waitFor(() => expect(server.router.waiting()).toBe(1));
    first.open();
    await Promise.all([(await held).text(), (await waiting).text()]);
    expect(server.engine.seen.mostActive).toBe(1);
    expect(server.rows().map((row) => row.queueMs > 0)).toEqual([true, false]);
  });
});

describe('refusals', () => {
  const refuse = async (
    request: (server: Awaited<ReturnType<typeof startTestServer>>) => Promise<Response>,
  ) => {
    const server = await startTestServer();
    const response = await request(server);
    const body = (await response.json()) as { error: { param: unknown; code: unknown } };
    expect(body).toEqual({
      error: {
        message: expect.any(String),
        type: expect.any(String),
        param: body.error.param,
        code: body.error.code,
      },
    });
    return { status: response.status, code: body.error.code, headers: response.headers, server };
  };
  const withKey = (key: string) => ({
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
  });

  test.each([
    ['no key', {}],
    ['a malformed key', { authorization: 'Bearer hello' }],
    ['an SQL injection', { authorization: "Bearer ' OR 1=1--" }],
    ['a wrong checksum', { authorization: `Bearer sk-ink_${'a'.repeat(38)}` }],
  ])('%s is a 401 that says not to retry, and is logged', async (_name, headers) => {
    const {
      status,
      code,
      headers: answered,
      server,
    } = await refuse((s) => s.chat({}, { headers: headers as Record<string, string> }));
    expect({ status, code }).toEqual({ status: 401, code: 'invalid_api_key' });
    expect(answered.get('x-should-retry')).toBe('false');
    expect(server.rows()).toMatchObject([{ status: 'refused', httpStatus: 401, key: null }]);
  });

  test('a revoked and an expired key are answered as an unknown one', async () => {
    const server = await startTestServer();
    const expired = createKey(
      server.store,
      { name: 'old', expiresAt: new Date(Date.now() + 5).toISOString() },
      Date.now(),
    );
    const unknown = await server.chat({}, withKey('sk-ink_nope'));
    revokeKey(server.store, server.keyId, Date.now());
    const revoked = await server.chat();
    await vi.waitFor(async () => expect((await server.chat({}, withKey(expired.key))).status).toBe(401));
    expect(revoked.status).toBe(401);
    expect(await revoked.text()).toBe(await unknown.text());
  });

  test('a model the key may not use is answered byte for byte as one that does not exist', async () => {
    const server = await startTestServer({ models: ['open-model', 'secret-model'] });
    const { key } = createKey(server.store, { name: 'narrow', models: ['open-model'] }, Date.now());
    const forbidden = await server.chat({ model: 'secret-model' }, withKey(key));
    const unknown = await server.chat({ model: 'secret-modeX' }, withKey(key));
    expect([forbidden.status, unknown.status]).toEqual([404, 404]);
    expect((await forbidden.text()).replace('secret-model', '')).toBe(
      (await unknown.text()).replace('secret-modeX', ''),
    );
    expect((await server.chat({ model: 'open-model' }, withKey(key))).status).toBe(200);
    const list = await fetch(`${server.url}/v1/models`, withKey(key));
    expect(await list.json()).toMatchObject({ data: [{ id: 'open-model' }] });
  });

  test('an ops key may not use models', async () => {
    const server = await startTestServer();
    const { key } = createKey(server.store, { name: 'monitor', role: 'ops' }, Date.now());
    expect((await server.chat({}, withKey(key))).status).toBe(403);
  });

  test.each(['not json', '{"a":', '[1,]', '\u{feff}{}', '', '"text"', '{} x'])(
    'the body %j is a 400',
    async (body) => {
      const { status } = await refuse((s) => s.chat({}, { body }));
      expect(status).toBe(400);
    },
  );

  test('a body nested too deep is a 400, not a crash', async () => {
    const { status } = await refuse((s) => s.chat({}, { body: '['.repeat(200_000) + ']'.repeat(200_000) }));
    expect(status).toBe(400);
  });

  test('a body of too many fields is refused before anything walks through them', async () => {
    const fields = Array.from({ length: 100_001 }, (_, index) => `"t${index}":1`).join();
    const body = `{"model":"fake-model","logit_bias":{${fields}}}`;
    // The second is not even JSON: nobody has parsed it.
    const server = await startTestServer();
    for (const sent of [body, `${body}}}`]) {
      const response = await server.chat({}, { body: sent });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { message: 'The body has more than 100000 fields.' },
      });
    }
  });

  test('colons in texts are no fields, and a long list of numbers is no trouble', async () => {
    const server = await startTestServer();
    const content = String.raw`{\"a\": [1, "\\": ":"]} `.replaceAll('"', '\\"').repeat(40_000);
    const body = `{"model":"fake-model","messages":[{"role":"user","content":${JSON.stringify(content)}}]}`;
    expect((await server.chat({}, { body })).status).toBe(200);
    const numbers = Array.from({ length: 300_000 }, () => 7);
    expect((await server.chat({ metadata: numbers })).status).toBe(200);
  });

  test('__proto__ in a body is a 400 and changes no object', async () => {
    const { status } = await refuse((s) =>
      s.chat({}, { body: '{"model":"fake-model","__proto__":{"admin":true}}' }),
    );
    expect(status).toBe(400);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test.each(['text/plain', 'application/json; charset=utf-7', 'application/x-www-form-urlencoded'])(
    'a body sent as %s is a 415',
    async (type) => {
      const { status } = await refuse((s) =>
        s.chat({}, { headers: { authorization: `Bearer ${s.key}`, 'content-type': type } }),
      );
      expect(status).toBe(415);
    },
  );

  test('a key in the address is refused and not logged', async () => {
    const { status, server } = await refuse((s) => fetch(`${s.url}/v1/models?key=${s.key}`));
    expect(status).toBe(400);
    expect(JSON.stringify(server.rows())).not.toContain(server.key);
  });

  test('unknown paths are 404, known paths with another method 405 with Allow', async () => {
    const missing = await refuse((s) => fetch(`${s.url}/v1/nothing`, { method: 'POST' }));
    expect(missing).toMatchObject({ status: 404, code: 'unknown_url' });
    const wrongMethod = await refuse((s) => fetch(`${s.url}/v1/chat/completions`));
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toBe('POST');
  });
});

describe('/v1/models', () => {
  test('lists what there is, and one by its id', async () => {
    const server = await startTestServer({ models: ['a', 'vendor/b:7b'] });
    const get = (path: string) =>
      fetch(server.url + path, { headers: { authorization: `Bearer ${server.key}` } });
    expect(await (await get('/v1/models')).json()).toMatchObject({
      object: 'list',
      data: expect.arrayContaining(
        [{ id: 'a' }, { id: 'vendor/b:7b' }].map((model) => expect.objectContaining(model)),
      ),
    });
    for (const path of ['/v1/models/vendor/b:7b', '/v1/models/vendor%2Fb%3A7b', '/models/vendor/b:7b']) {
      expect(await (await get(path)).json()).toMatchObject({
        id: 'vendor/b:7b',
        object: 'model',
        owned_by: 'inglenook',
      });
    }
    expect((await get('/v1/models/zzz')).status).toBe(404);
  });

  test('is 401 for a wrong key, since tools use it as their test', async () => {
    const server = await startTestServer();
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(401);
  });
});
