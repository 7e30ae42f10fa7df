import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../server/core/generate.ts';
import { anthropicMessages } from '../../../server/dialects/anthropic-messages.ts';
import type { Call } from '../../../server/dialects/dialect.ts';

const user = { role: 'user', content: 'Hi' };

/** One pixel. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function parse(body: Record<string, unknown> = {}): Call {
  return anthropicMessages.parse({ model: 'm', max_tokens: 100, messages: [user], ...body });
}

function messagesOf(body: Record<string, unknown>): readonly ChatMessage[] {
  return parse(body).request.messages;
}

const said = (role: ChatMessage['role'], text: string): ChatMessage => ({
  role,
  content: [{ type: 'text', text }],
});

test('a plain request asks for nothing special', () => {
  expect(
    parse({ temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['###', ''], stream: true }),
  ).toEqual({
    request: {
      model: 'm',
      messages: [said('user', 'Hi')],
      maxTokens: 100,
      stop: ['###'],
      cacheScope: null,
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        minP: null,
        presencePenalty: null,
        frequencyPenalty: null,
        seed: null,
        logitBias: {},
      },
    },
    stream: true,
    includeUsage: true,
    dropped: [],
  });
});

test('what Claude Code sends along is accepted', () => {
  const call = parse({
    metadata: { user_id: 'someone' },
    context_management: { edits: [] },
    thinking: { type: 'adaptive' },
    output_config: { effort: 'medium' },
    cache_control: { type: 'ephemeral' },
    container: null,
    service_tier: 'auto',
    tools: [{ name: 'Read', input_schema: { type: 'object' }, defer_loading: true, cache_control: null }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] },
    ],
  });
  expect(call.dropped).toEqual([]);
  expect(call.request.chat).toMatchObject({ reasoningEffort: 'medium', tools: [{ name: 'Read' }] });
});

describe('the system', () => {
  test('is a text or blocks, and stands first', () => {
    expect(messagesOf({ system: 'Be short.' })).toEqual([said('system', 'Be short.'), said('user', 'Hi')]);
    const blocks = [
      { type: 'text', text: 'Be short.' },
      { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
    ];
    expect(messagesOf({ system: blocks })[0]).toEqual(said('system', 'Be short.\nBe kind.'));
  });

  test('loses the billing header, which changes with every request', () => {
    const header = 'x-anthropic-billing-header: cc_version=2.1.330; cch=1f3a;';
    const blocks = [
      { type: 'text', text: header },
      { type: 'text', text: 'Be short.' },
    ];
    expect(messagesOf({ system: blocks })[0]).toEqual(said('system', 'Be short.'));
    expect(messagesOf({ system: `${header}\nBe short.` })[0]).toEqual(said('system', 'Be short.'));
    expect(messagesOf({ system: header })).toEqual([said('user', 'Hi')]);
    // Only there: what people write is theirs.
    expect(messagesOf({ messages: [{ role: 'user', content: header }] })).toEqual([said('user', header)]);
  });

  test('in the middle of a conversation stays where it is', () => {
    const roles = messagesOf({
      system: 'First.',
      messages: [
        user,
        { role: 'assistant', content: 'Yes?' },
        user,
        { role: 'system', content: '9000 left' },
      ],
    }).map(({ role }) => role);
    expect(roles).toEqual(['system', 'user', 'assistant', 'user', 'system']);
  });
});

describe('a conversation with tools', () => {
  const conversation = [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Look it up.', signature: 'abc' },
        { type: 'redacted_thinking', data: 'xyz' },
        { type: 'text', text: 'One moment.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { town: 'Ulm' } },
        { type: 'tool_use', id: 'toolu_2', name: 'time', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'Rain' }] },
        { type: 'tool_result', tool_use_id: 'toolu_2', content: 'No clock', is_error: true },
        { type: 'text', text: 'And tomorrow?' },
      ],
    },
  ];

  test('keeps thoughts, words, calls and answers apart', () => {
    expect(messagesOf({ messages: conversation })).toEqual([
      said('user', 'Weather?'),
      {
        ...said('assistant', 'One moment.'),
        reasoning: 'Look it up.',
        toolCalls: [
          { id: 'toolu_1', name: 'weather', arguments: '{"town":"Ulm"}' },
          { id: 'toolu_2', name: 'time', arguments: '{}' },
        ],
      },
      { ...said('tool', 'Rain'), toolCallId: 'toolu_1' },
      { ...said('tool', 'Error:\nNo clock'), toolCallId: 'toolu_2' },
      said('user', 'And tomorrow?'),
    ]);
  });

  test('may have answers without content, with pictures and with references', () => {
    const answer = (content?: unknown) =>
      messagesOf({
        messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] }],
      })[0]?.content;
    expect(answer()).toEqual([{ type: 'text', text: '' }]);
    const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
    expect(answer([picture])).toMatchObject([{ type: 'media', kind: 'image' }]);
    expect(answer([{ type: 'tool_reference', tool_name: 'weather' }])).toEqual([
      { type: 'text', text: 'weather' },
    ]);
  });
});

test('turns of the same one are one turn, as at the vendor', () => {
  const calls = (id: string) => ({
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: id, signature: 's' },
      { type: 'tool_use', id, name: 'f', input: {} },
    ],
  });
  expect(messagesOf({ messages: [user, user, calls('a'), calls('b'), user] })).toMatchObject([
    said('user', 'Hi\nHi'),
    { role: 'assistant', reasoning: 'a\nb', toolCalls: [{ id: 'a' }, { id: 'b' }] },
    said('user', 'Hi'),
  ]);
});

describe('other content', () => {
  const partsOf = (block: unknown) =>
    messagesOf({ messages: [{ role: 'user', content: [block] }] })[0]?.content;

  test.each<[string, unknown, unknown]>([
    [
      'a picture',
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      { kind: 'image', source: { type: 'base64', mimeType: 'image/png', data: png } },
    ],
    [
      'a picture of the web',
      { type: 'image', source: { type: 'url', url: 'https://x.example/y.png' } },
      { kind: 'image', source: { type: 'url', url: 'https://x.example/y.png' } },
    ],
    [
      'a PDF',
      {
        type: 'document',
        title: 'Rules',
        source: { type: 'base64', data: 'JVBE', media_type: 'application/pdf' },
      },
      { kind: 'file', name: 'Rules', source: { type: 'base64', mimeType: 'application/pdf', data: 'JVBE' } },
    ],
    [
      'a PDF of the web',
      { type: 'document', source: { type: 'url', url: 'https://x.example/y.pdf' } },
      { kind: 'file', source: { type: 'url', url: 'https://x.example/y.pdf' } },
    ],
    ['an uploaded file', { type: 'document', source: { type: 'file', file_id: 'f' } }, { kind: 'file' }],
    ['an uploaded picture', { type: 'image', source: { type: 'file', file_id: 'f' } }, { kind: 'image' }],
  ])('%s goes to the engine as what it is', (_name, block, media) => {
    expect(partsOf(block)).toEqual([{ type: 'media', ...(media as object) }]);
  });

  test.each([
    ['text', { type: 'text', data: 'All of it.', media_type: 'text/plain' }],
    ['blocks', { type: 'content', content: [{ type: 'text', text: 'All of it.' }] }],
  ])('a document of %s is read', (_name, source) => {
    expect(partsOf({ type: 'document', title: 'Rules', source })).toEqual([
      { type: 'text', text: 'Rules\nAll of it.' },
    ]);
  });

  test('a search result is read', () => {
    const found = {
      type: 'search_result',
      title: 'T',
      source: 'https://x',
      content: [{ type: 'text', text: 'Found' }],
    };
    expect(partsOf(found)).toEqual([{ type: 'text', text: 'T\nhttps://x\nFound' }]);
  });

  test('blocks of the vendor’s own tools are left out and named', () => {
    const call = parse({
      messages: [
        user,
        {
          role: 'assistant',
          content: [
            { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            { type: 'web_search_tool_result', tool_use_id: 's', content: { error_code: 'unavailable' } },
            { type: 'text', text: 'Found it.' },
          ],
        },
        user,
      ],
    });
    expect(call.dropped).toEqual(['messages.1.content.0', 'messages.1.content.1']);
    expect(call.request.messages[1]).toEqual(said('assistant', 'Found it.'));
  });
});

describe('tools', () => {
  const tool = { name: 'weather', description: 'Tells it', input_schema: { type: 'object' }, strict: true };

  test('are told with their schema; those that run at the vendor are left out and named', () => {
    const call = parse({
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        tool,
        { type: 'bash_20250124', name: 'bash' },
        { type: 'custom', name: 'time', input_schema: { type: 'object' } },
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
        { type: 'computer_20250124', name: 'computer', display_width_px: 1, display_height_px: 1 },
        { type: 'code_execution_20250825', name: 'code_execution' },
      ],
    });
    expect(call.dropped).toEqual(['tools.0', 'tools.2', 'tools.4', 'tools.5', 'tools.6']);
    expect(call.request.chat?.tools).toEqual([
      {
        name: 'weather',
        description: 'Tells it',
        parameters: {
          schema: tool.input_schema,
          path: 'tools.1.input_schema',
          param: 'tools.1.input_schema',
        },
        isStrict: true,
      },
      expect.objectContaining({ name: 'time', isStrict: false, description: null }),
    ]);
  });

  test.each([
    [undefined, 'auto', true],
    [{ type: 'auto', disable_parallel_tool_use: true }, 'auto', false],
    [{ type: 'any' }, 'required', true],
    [{ type: 'any', disable_parallel_tool_use: true }, 'required', false],
    [{ type: 'tool', name: 'weather' }, { name: 'weather' }, true],
    [{ type: 'none' }, 'none', true],
  ])('are chosen by %j', (choice, toolChoice, parallelToolCalls) => {
    expect(parse({ tools: [tool], tool_choice: choice }).request.chat).toMatchObject({
      toolChoice,
      parallelToolCalls,
    });
  });

  test.each([
    ['none of that name', { tools: [tool], tool_choice: { type: 'tool', name: 'nobody' } }, 'tool_choice'],
    ['none at all', { tool_choice: { type: 'any' } }, 'tool_choice'],
    ['two of a name', { tools: [tool, tool] }, 'tools'],
    ['a name with spaces', { tools: [{ ...tool, name: 'a b' }] }, 'tools.0.name'],
  ])('that cannot be called are refused: %s', (_name, body, param) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

test.each([
  [{ type: 'disabled' }, {}, { reasoningEffort: 'none' }],
  [{ type: 'enabled', budget_tokens: 1024 }, {}, { reasoningEffort: 'low', mostReasoningTokens: 1024 }],
  [{ type: 'enabled', budget_tokens: 4000 }, {}, { reasoningEffort: 'medium', mostReasoningTokens: 4000 }],
  [{ type: 'enabled', budget_tokens: 31_999 }, {}, { reasoningEffort: 'xhigh', mostReasoningTokens: 31_999 }],
  [{ type: 'adaptive' }, { effort: 'max' }, { reasoningEffort: 'xhigh' }],
  [undefined, { effort: 'low' }, { reasoningEffort: 'low' }],
])('thinking %j with %j is understood', (thinking, output, expected) => {
  expect(parse({ thinking, output_config: output }).request.chat).toMatchObject(expected);
});

test('thinking that is left to the model asks for nothing special', () => {
  expect(parse({ thinking: { type: 'adaptive', display: 'summarized' } }).request.chat).toBeUndefined();
});

test.each([
  [
    'output_config.format',
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
  ],
  ['output_format', { output_format: { type: 'json_schema', schema: { type: 'object' } } }],
])('%s is a schema for the answer', (param, body) => {
  expect(parse(body).request.chat?.responseFormat).toEqual({
    type: 'json-schema',
    schema: { type: 'object' },
    path: `${param}.schema`,
    param,
  });
});

test.each([
  ['no max_tokens', { max_tokens: undefined }, 'max_tokens'],
  ['no messages', { messages: [] }, 'messages'],
  ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'],
  ['no content', { messages: [{ role: 'user' }] }, 'messages.0.content'],
  [
    'a text block without text',
    { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    'messages.0.content.0.text',
  ],
  [
    'a result of no call',
    { messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'x' }] }] },
    'messages.0.content.0.tool_use_id',
  ],
  [
    'an empty document',
    { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'text' } }] }] },
    'messages.0.content.0.source',
  ],
  [
    'no picture',
    { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', data: 'AAAA' } }] }] },
    'messages.0.content.0.source.data',
  ],
  ['an unknown format', { output_config: { format: { type: 'xml' } } }, 'output_config.format'],
  [
    'the beginning of the answer',
    { messages: [user, { role: 'assistant', content: 'The answer is (' }] },
    'messages',
  ],
])('%s is refused by its place', (_name, body, param) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ status: 400, param }));
});

describe('an answer', () => {
  const head = { requestId: 'req_1', model: 'm', createdSeconds: 0 };
  const usage = { promptTokens: 3, cachedTokens: 0, completionTokens: 2 };
  const choice = { text: '', reasoning: '', reason: 'tool_calls', logprobs: null } as const;
  const inputOf = (given: string) => {
    const toolCalls = [{ id: 'call_1', name: 'f', arguments: given }];
    const whole = anthropicMessages.whole({ ...head, choices: [{ ...choice, toolCalls }], usage }, parse());
    return (whole as { content: { input: unknown }[] }).content[0]?.input;
  };

  test('has an object as input of a call, whatever the model wrote', () => {
    expect(inputOf('{"a":1}')).toEqual({ a: 1 });
    expect(inputOf('')).toEqual({});
    expect(inputOf('{"a":')).toEqual({ arguments: '{"a":' });
    expect(inputOf('[1]')).toEqual({ arguments: '[1]' });
  });

  test('escapes every text of a stream into one line', () => {
    const encoder = anthropicMessages.openStream(head, parse(), 0);
    const text = 'a\n\n"b"\r\\';
    const frames = encoder.encode({ type: 'text-delta', text, tokens: 1 });
    const last = frames.trimEnd().split('\n\n').at(-1) ?? '';
    const [, data = ''] = /^event: content_block_delta\ndata: (.*)$/s.exec(last) ?? [];
    expect(JSON.parse(data)).toEqual({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    });
    expect(encoder.encode({ type: 'text-delta', text: '', tokens: 1 })).toBe('');
    expect(encoder.keepAlive()).toBe('event: ping\ndata: {"type":"ping"}\n\n');
  });
});
