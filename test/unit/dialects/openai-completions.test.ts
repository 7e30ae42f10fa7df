import { describe, expect, test } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import type { GeneratePart } from '../../../server/core/generate.ts';
import type { Call } from '../../../server/dialects/dialect.ts';
import { openAiCompletions } from '../../../server/dialects/openai-completions.ts';

const head = { requestId: 'req_1', model: 'm', createdSeconds: 1 };
const usage = { promptTokens: 3, cachedTokens: 1, completionTokens: 2 };
const logprobs = [{ text: 'b', logprob: -0.5, top: [{ text: 'b', logprob: -0.5 }] }];

function parse(extra: Record<string, unknown> = {}): Call {
  return openAiCompletions.parse({ model: 'm', prompt: 'a', ...extra });
}

function rawOf(call: Call): unknown {
  return [call.request, ...(call.more ?? [])].map(({ raw }) => raw?.prompt);
}

describe('completion requests', () => {
  test('a minimal one answers with sixteen tokens, as the vendor’s does', () => {
    expect(parse()).toMatchObject({
      request: { model: 'm', messages: [], maxTokens: 16, raw: { prompt: 'a', suffix: null } },
      stream: false,
    });
    expect(parse()).not.toHaveProperty('more');
  });

  test('text, tokens and lists of either are prompts', () => {
    expect(rawOf(parse({ prompt: [1, 2] }))).toEqual([[1, 2]]);
    expect(rawOf(parse({ prompt: ['a', 'b'] }))).toEqual(['a', 'b']);
    expect(rawOf(parse({ prompt: [[1], [2, 3]] }))).toEqual([[1], [2, 3]]);
    expect(rawOf(parse({ prompt: '' }))).toEqual(['']);
  });

  test('n answers to each prompt follow one another, each with its own seed', () => {
    const call = parse({ prompt: ['a', 'b'], n: 2, seed: 5 });
    expect(rawOf(call)).toEqual(['a', 'a', 'b', 'b']);
    expect([call.request, ...(call.more ?? [])].map(({ sampling }) => sampling.seed)).toEqual([5, 6, 5, 6]);
  });

  test('a gap, probabilities and going on past the end are asked for', () => {
    expect(parse({ suffix: 'z', logprobs: 2, ignore_eos: true, max_tokens: 4 }).request).toMatchObject({
      raw: { prompt: 'a', suffix: 'z' },
      logprobs: 2,
      ignoreEos: true,
      maxTokens: 4,
    });
  });

  test.each([
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: [] }, 'prompt'],
    [{ prompt: [-1] }, 'prompt.0'],
    [{ prompt: [1.5] }, 'prompt'],
    [{ prompt: ['a', 1] }, 'prompt'],
    [{ prompt: Array.from({ length: 33 }, () => 'a') }, 'prompt'],
    [{ prompt: Array.from({ length: 20 }, () => 'a'), n: 2 }, 'n'],
    [{ n: 5 }, 'n'],
    [{ best_of: 2 }, 'best_of'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: 1e30 }, 'max_tokens'],
    [{ logprobs: 21 }, 'logprobs'],
    [{ logprobs: 1, echo: true }, 'echo'],
    [{ suffix: 3 }, 'suffix'],
    [{ logit_bias: Object.fromEntries(Array.from({ length: 1025 }, (_, id) => [id, 1])) }, 'logit_bias'],
    [{ logit_bias: { 1: 101 } }, 'logit_bias.1'],
    [{ stop: Array.from({ length: 65 }, () => 'x') }, 'stop'],
  ])('%j is refused, naming %s', (extra, param) => {
    let refusal: unknown;
    try {
      parse(extra);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(AppError);
    expect(refusal).toMatchObject({ status: 400, param });
  });
});

describe('completion answers', () => {
  test('a whole one bears the vendor’s fields, the echo, and places in the text', () => {
    const call = parse({ echo: true, n: 2 });
    const choices = [
      { text: 'b', reasoning: '', toolCalls: [], reason: 'stop', logprobs } as const,
      { text: 'c', reasoning: '', toolCalls: [], reason: 'length', logprobs: null } as const,
    ];
    expect(openAiCompletions.whole({ ...head, choices, usage }, call)).toEqual({
      id: 'cmpl-1',
      object: 'text_completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          text: 'ab',
          logprobs: { tokens: ['b'], token_logprobs: [-0.5], top_logprobs: [{ b: -0.5 }], text_offset: [0] },
          finish_reason: 'stop',
        },
        { index: 1, text: 'ac', logprobs: null, finish_reason: 'length' },
      ],
      usage: expect.objectContaining({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }) as unknown,
    });
  });

  test('a prompt of tokens is echoed as the engine tells it', () => {
    const call = parse({ prompt: [1], echo: true });
    expect(call.request.raw).toEqual({ prompt: [1], suffix: null, echo: true });
    const choices = [
      { promptText: 'a', text: 'b', reasoning: '', toolCalls: [], reason: 'stop', logprobs: null } as const,
    ];
    expect(openAiCompletions.whole({ ...head, choices, usage }, call)).toMatchObject({
      choices: [{ text: 'ab' }],
    });
    const start = { type: 'start', promptTokens: 1, cachedTokens: 0, promptText: 'a' } as const;
    expect(openAiCompletions.openStream(head, call, 0).encode(start)).toContain('"text":"a"');
  });

  test('a stream says choice and text, the reason last, usage when asked for', () => {
    const call = parse({ stream: true, echo: true, stream_options: { include_usage: true } });
    const encoder = openAiCompletions.openStream(head, call, 0);
    const parts: GeneratePart[] = [
      { type: 'start', promptTokens: 3, cachedTokens: 0 },
      { type: 'text-delta', text: 'b\n', tokens: 1, logprobs },
      { type: 'text-delta', text: '', tokens: 1 },
      { type: 'text-delta', text: 'c', tokens: 1, logprobs },
      { type: 'finish', reason: 'stop', usage },
    ];
    const text = parts.map((part) => encoder.encode(part)).join('') + encoder.end(usage);
    const frames = text.split('\n\n').filter((frame) => frame !== '');
    expect(frames.at(-1)).toBe('data: [DONE]');
    const values = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace('data: ', '')) as unknown);
    expect(values.slice(0, -1)).toMatchObject([
      {
        id: 'cmpl-1',
        object: 'text_completion',
        choices: [{ index: 0, text: 'a', finish_reason: null }],
        usage: null,
      },
      { choices: [{ text: 'b\n', logprobs: { text_offset: [0] } }] },
      { choices: [{ text: 'c', logprobs: { text_offset: [2] } }] },
      { choices: [{ text: '', logprobs: null, finish_reason: 'stop' }] },
    ]);
    expect(values.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
  });
});
