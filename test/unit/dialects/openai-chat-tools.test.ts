import { describe, expect, test } from 'vitest';
import type { GeneratePart } from '../../../server/core/generate.ts';
import type { Call } from '../../../server/dialects/dialect.ts';
import { openAiChat } from '../../../server/dialects/openai-chat.ts';

const head = { requestId: 'req_1', model: 'm', createdSeconds: 1 };
const usage = { promptTokens: 3, cachedTokens: 0, completionTokens: 9, reasoningTokens: 4 };
const parameters = { type: 'object', properties: { city: { type: 'string' } } };
const weather = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather', parameters, strict: true },
};

function parse(extra: Record<string, unknown>): Call {
  return openAiChat.parse({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...extra });
}

function chatOf(extra: Record<string, unknown>) {
  return parse(extra).request.chat;
}

describe('requests with tools', () => {
  test('are understood', () => {
    expect(chatOf({ tools: [weather], parallel_tool_calls: false, reasoning_effort: 'low' })).toEqual({
      responseFormat: { type: 'text' },
      tools: [
        {
          name: 'get_weather',
          description: 'The weather',
          parameters: {
            schema: parameters,
            path: 'tools.0.function.parameters',
            param: 'tools.0.function.parameters',
          },
          isStrict: true,
        },
      ],
      toolChoice: 'auto',
      parallelToolCalls: false,
      reasoningEffort: 'low',
      templateArguments: {},
    });
  });

  test.each([
    ['none', 'none'],
    ['auto', 'auto'],
    ['required', 'required'],
    [null, 'auto'],
    [{ type: 'function', function: { name: 'get_weather' } }, { name: 'get_weather' }],
    [{ type: 'function', name: 'get_weather' }, { name: 'get_weather' }],
  ])('tool_choice %j means %j', (wire, choice) => {
    expect(chatOf({ tools: [weather], tool_choice: wire })?.toolChoice).toEqual(choice);
  });

  test('allowed_tools leaves the others out', () => {
    const other = { type: 'function', function: { name: 'other' } };
    const chosen = chatOf({
      tools: [weather, other],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'other' } }] },
      },
    });
    expect([chosen?.tools.map(({ name }) => name), chosen?.toolChoice]).toEqual([['other'], 'required']);
  });

  test('plain requests have nothing of it', () => {
    expect(
      parse({ tools: [], tool_choice: 'auto', response_format: { type: 'text' } }).request.chat,
    ).toBeUndefined();
  });

  test('response formats', () => {
    const schema = { type: 'object' };
    expect(chatOf({ response_format: { type: 'json_object' } })?.responseFormat).toEqual({ type: 'json' });
    expect(
      chatOf({ response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema } } })
        ?.responseFormat,
    ).toEqual({
      type: 'json-schema',
      schema,
      path: 'response_format.json_schema.schema',
      param: 'response_format',
    });
  });

  test('settings of the template are passed on', () => {
    expect(chatOf({ chat_template_kwargs: { enable_thinking: false } })?.templateArguments).toEqual({
      enable_thinking: false,
    });
  });

  test('a tool that must be called needs tools', () => {
    expect(() => parse({ tool_choice: 'required' })).toThrow(
      expect.objectContaining({ status: 400, param: 'tool_choice' }),
    );
  });

  test('a conversation with calls comes back whole', () => {
    const { request } = parse({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'I look.',
          tool_calls: [
            {
              id: 'call_a',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Rome"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'sunny' }] },
      ],
    });
    expect(request.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [],
        reasoning: 'I look.',
        toolCalls: [{ id: 'call_a', name: 'get_weather', arguments: '{"city":"Rome"}' }],
      },
      { role: 'tool', content: [{ type: 'text', text: 'sunny' }], toolCallId: 'call_a' },
    ]);
  });

  test('the form before tools is understood', () => {
    const call = parse({
      functions: [weather.function],
      function_call: { name: 'get_weather' },
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{}' } },
        { role: 'function', name: 'get_weather', content: 'sunny' },
      ],
    });
    expect(call.request.chat).toMatchObject({
      tools: [{ name: 'get_weather' }],
      toolChoice: { name: 'get_weather' },
      parallelToolCalls: false,
    });
    expect(call.request.messages).toMatchObject([
      { role: 'assistant', toolCalls: [{ id: 'call_0', name: 'get_weather' }] },
      { role: 'tool', toolCallId: 'call_0' },
    ]);
  });
});

const parts: readonly GeneratePart[] = [
  { type: 'start', promptTokens: 3, cachedTokens: 0 },
  { type: 'reasoning-delta', text: 'Hm', tokens: 1 },
  { type: 'tool-call-start', index: 0, id: 'call_a', name: 'get_weather', tokens: 1 },
  { type: 'tool-call-delta', index: 0, arguments: '{"city":', tokens: 1 },
  { type: 'tool-call-delta', index: 0, arguments: '"Rome"}', tokens: 1 },
  { type: 'tool-call-start', index: 1, id: 'call_b', name: 'get_weather', tokens: 1 },
  { type: 'finish', reason: 'tool_calls', usage },
];

/** The choices' deltas and finish reasons. */
function streamed(call: Call): unknown[] {
  const encoder = openAiChat.openStream(head, call, 0);
  return parts.map((part) => {
    const frame: unknown = JSON.parse(encoder.encode(part).replace('data: ', ''));
    const { delta, finish_reason: finish } = (
      frame as { choices: [{ delta: unknown; finish_reason: string | null }] }
    ).choices[0];
    return finish ?? delta;
  });
}

describe('answers with tool calls', () => {
  test('stream as clients want it: identity once, then nothing but arguments', () => {
    expect(streamed(parse({ tools: [weather], stream: true }))).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { reasoning_content: 'Hm' },
      {
        tool_calls: [
          { index: 0, id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '' } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '"Rome"}' } }] },
      {
        tool_calls: [
          { index: 1, id: 'call_b', type: 'function', function: { name: 'get_weather', arguments: '' } },
        ],
      },
      'tool_calls',
    ]);
  });

  test('stream in the form before tools for those who asked in it', () => {
    expect(streamed(parse({ functions: [weather.function], stream: true })).slice(2, 4)).toEqual([
      { function_call: { name: 'get_weather', arguments: '' } },
      { function_call: { arguments: '{"city":' } },
    ]);
  });

  const choice = {
    text: '',
    reasoning: 'Hm',
    toolCalls: [{ id: 'call_a', name: 'get_weather', arguments: '{}' }],
    reason: 'tool_calls',
    logprobs: null,
  } as const;

  test('are whole, with null for content', () => {
    expect(
      openAiChat.whole({ ...head, choices: [choice], usage }, parse({ tools: [weather] })),
    ).toMatchObject({
      choices: [
        {
          message: {
            role: 'assistant',
            content: null,
            reasoning_content: 'Hm',
            tool_calls: [
              { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
      usage: { completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 4 } },
    });
  });

  test('are whole in the form before tools', () => {
    const call = parse({ functions: [weather.function] });
    expect(openAiChat.whole({ ...head, choices: [choice], usage }, call)).toMatchObject({
      choices: [
        {
          message: { content: null, function_call: { name: 'get_weather', arguments: '{}' } },
          finish_reason: 'function_call',
        },
      ],
    });
  });
});
