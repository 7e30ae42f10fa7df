import { describe, expect, test } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import type { Call } from '../../../server/dialects/dialect.ts';
import { openAiChat } from '../../../server/dialects/openai-chat.ts';

const minimal = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };
const head = { requestId: 'req_1', model: 'm', createdSeconds: 1 };

function parse(extra: Record<string, unknown> = {}): Call {
  return openAiChat.parse({ ...minimal, ...extra });
}

function refusal(extra: Record<string, unknown>): AppError {
  try {
    parse(extra);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('was accepted');
}

function tool(name: string) {
  return { type: 'function', function: { name } };
}

describe('chat requests', () => {
  test('a minimal request leaves everything to the engine', () => {
    expect(parse()).toEqual({
      stream: false,
      includeUsage: false,
      dropped: [],
      request: {
        model: 'm',
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        maxTokens: null,
        stop: [],
        cacheScope: null,
        sampling: {
          temperature: null,
          topP: null,
          topK: null,
          minP: null,
          presencePenalty: null,
          frequencyPenalty: null,
          seed: null,
          logitBias: {},
        },
      },
    });
  });

  test('developer means system, max_completion_tokens wins, one stop is a list of one', () => {
    const { request } = parse({
      messages: [{ role: 'developer', content: [{ type: 'text', text: 'Be brief' }] }],
      max_tokens: 5,
      max_completion_tokens: 7,
      stop: 'END',
    });
    expect(request).toMatchObject({
      messages: [{ role: 'system', content: [{ type: 'text', text: 'Be brief' }] }],
      maxTokens: 7,
      stop: ['END'],
    });
  });

  test('a null or missing content is an empty message, unknown fields are no error', () => {
    const call = parse({
      messages: [{ role: 'assistant', content: null, tool_calls: [] }, { role: 'user' }],
      store: true,
      metadata: { a: 'b' },
      x_of_a_client: 1,
    });
    expect(call.request.messages.map((message) => message.content)).toEqual([[], []]);
    expect(call.dropped).toEqual([]);
  });

  test('a negative or huge seed becomes 32 bits, always the same ones', () => {
    expect(parse({ seed: -1 }).request.sampling.seed).toBe(0xffffffff);
    expect(parse({ seed: 2 ** 40 + 3 }).request.sampling.seed).toBe(3);
  });

  test('what is not done and would only change the answer is named', () => {
    const { dropped } = parse({
      tools: [{ type: 'web_search' }, { type: 'function', function: { name: 'a' } }],
      prediction: {},
      audio: null,
    });
    expect(dropped).toEqual(['tools.0', 'prediction']);
  });

  test.each([
    [{ model: '' }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'wizard', content: 'x' }] }, 'messages.0.role'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ top_k: 2 ** 53 }, 'top_k'],
    [{ n: 1_000_000 }, 'n'],
    [{ n: 5 }, 'n'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    [{ stop: Array.from({ length: 10_000 }, () => 'x') }, 'stop'],
    [{ logit_bias: { abc: 1 } }, 'logit_bias.abc'],
    [{ response_format: { type: 'grammar' } }, 'response_format'],
    [{ response_format: { type: 'json_schema', json_schema: { name: 'x' } } }, 'response_format'],
    [{ tools: [{ type: 'function', function: { name: 'a b' } }] }, 'tools.0.function.name'],
    [{ tools: [tool('a'), tool('a')] }, 'tools'],
    [{ tools: [tool('a')], tool_choice: { type: 'function', function: { name: 'b' } } }, 'tool_choice'],
    [{ reasoning_effort: 'enormous' }, 'reasoning_effort'],
    [{ chat_template_kwargs: { a: 'x'.repeat(100_000) } }, 'chat_template_kwargs'],
    [{ tool_choice: 'required' }, 'tool_choice'],
  ])('%j is refused, naming %s', (extra, param) => {
    expect(refusal(extra)).toMatchObject({ status: 400, param });
  });

  test.each([null, 'text', 3, [], {}])('the body %j is a 400', (body) => {
    expect(() => openAiChat.parse(body)).toThrow(AppError);
  });
});

describe('chat answers', () => {
  test('frames come in the order of the vendor, usage only when asked for', () => {
    const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 };
    const frames = (call: Call): unknown[] => {
      const encoder = openAiChat.openStream(head, call, 0);
      const text = [
        encoder.encode({ type: 'start', promptTokens: 3, cachedTokens: 1 }),
        encoder.encode({ type: 'text-delta', text: 'a "quote"\n', tokens: 1 }),
        encoder.encode({ type: 'text-delta', text: '', tokens: 1 }),
        encoder.encode({ type: 'finish', reason: 'length', usage }),
        encoder.end(usage),
      ].join('');
      return text.split('\n\n').flatMap((frame) => {
        if (frame === '') return [];
        const data = frame.replace('data: ', '');
        return [data === '[DONE]' ? data : JSON.parse(data)];
      });
    };
    const same = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
    const choice = (delta: unknown, finish: string | null): unknown => ({
      ...same,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    expect(frames(parse({ stream: true }))).toEqual([
      choice({ role: 'assistant', content: '', refusal: null }, null),
      choice({ content: 'a "quote"\n' }, null),
      choice({}, 'length'),
      '[DONE]',
    ]);
    const withUsage = frames(parse({ stream: true, stream_options: { include_usage: true } }));
    expect(withUsage.at(-2)).toMatchObject({
      ...same,
      choices: [],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 2,
        total_tokens: 5,
        prompt_tokens_details: { cached_tokens: 1 },
      },
    });
    expect(withUsage.at(-1)).toBe('[DONE]');
  });

  test('an error has all four keys', () => {
    const error = new AppError('No.', { status: 404, code: 'model_not_found', param: 'model' });
    expect(openAiChat.error(error)).toEqual({
      status: 404,
      body: {
        error: { message: 'No.', type: 'invalid_request_error', param: 'model', code: 'model_not_found' },
      },
    });
  });
});
