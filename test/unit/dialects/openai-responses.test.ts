import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { responsesInputToMessages } from '../../../server/dialects/openai-responses-messages.ts';
import { cancelledCode } from '../../../server/dialects/openai-responses-stream.ts';
import { expectValid, vendorErrors } from '../../fakes/vendor-schemas.ts';
import {
  droppedOf,
  eventsOf,
  head,
  open,
  requestOf,
  started,
  streamOf,
  textPart,
  type Event,
} from './opened-responses.ts';

/** One pixel. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

describe('input', () => {
  it('is one message of the user, or items; what an assistant thought, said and called is one message', () => {
    expect(requestOf({ instructions: 'Be kind.' }).messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    ]);
    const input = [
      { role: 'developer', content: 'Rules.' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'A' },
          { type: 'input_text', text: 'B' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'C' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'a "b"' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'two' }] },
      { role: 'assistant', content: 'D' },
      { role: 'assistant', content: 'E' },
    ];
    expect(requestOf({ input }).messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Rules.' }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'B' },
        ],
      },
      {
        role: 'assistant',
        reasoning: 'Hm.',
        content: [{ type: 'text', text: 'C' }],
        toolCalls: [
          { id: 'c1', name: 'f', arguments: '{}' },
          { id: 'c2', name: 'g', arguments: '{"input":"a \\"b\\""}' },
        ],
      },
      { role: 'tool', content: [{ type: 'text', text: 'one' }], toolCallId: 'c1' },
      { role: 'tool', content: [{ type: 'text', text: 'two' }], toolCallId: 'c2' },
      { role: 'assistant', content: [{ type: 'text', text: 'D' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'E' }] },
    ]);
    expect(responsesInputToMessages(input).messages).toEqual(requestOf({ input }).messages);
  });

  it('is kept as items that the vendor’s list can hold, each with an id', () => {
    const input = [
      { role: 'user', content: ['a', 'b'].map((text) => ({ type: 'input_text', text })) },
      { role: 'user', content: [{ type: 'input_image', image_url: `data:image/png;base64,${png}` }] },
      { role: 'assistant', content: 'Hm' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'S' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: 'two' },
    ];
    const dialect = open({ input });
    streamOf(dialect, [textPart('Yes')]);
    const [stored] = dialect.kept;
    for (const item of stored?.input ?? []) expectValid('ItemResource', item);
    expect(stored?.input.map(({ type }) => type)).toEqual(input.map((item) => item.type ?? 'message'));
    expect(new Set(stored?.input.map(({ id }) => id)).size).toBe(input.length);
    expectValid('Response', stored?.response);
  });

  it('may hold pictures and files, for engines that can take them', () => {
    const image_url = `data:image/png;base64,${png}`;
    const content = [
      { type: 'input_image', image_url, detail: 'low' },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' },
    ];
    expect(requestOf({ input: [{ role: 'user', content }] }).messages[0]?.content).toEqual([
      {
        type: 'media',
        kind: 'image',
        detail: 'low',
        source: { type: 'base64', mimeType: 'image/png', data: png },
      },
      {
        type: 'media',
        kind: 'file',
        name: 'a.pdf',
        source: { type: 'base64', mimeType: 'application/pdf', data: 'AA==' },
      },
    ]);
  });

  it('drops what only the vendor’s servers have, and names it', () => {
    expect(
      droppedOf({
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'web_search_call', id: 'ws_1', status: 'completed', action: {} },
        ],
        tools: [
          { type: 'web_search' },
          { type: 'mcp', server_label: 'x' },
          { type: 'file_search', vector_store_ids: [] },
          { type: 'local_shell' },
        ],
        tool_choice: { type: 'file_search' },
        truncation: 'auto',
        text: { verbosity: 'low' },
        client_metadata: { a: 1 },
        service_tier: 'flex',
      }),
    ).toEqual([
      'tools.web_search',
      'tools.mcp',
      'tools.file_search',
      'tools.local_shell',
      'tool_choice.file_search',
      'input.web_search_call',
      'truncation',
      'text.verbosity',
    ]);
  });

  it.each([
    [{ input: undefined }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input.0.role'],
    [{ input: [{ type: 'function_call', call_id: 'c' }] }, 'input.0.name'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input.0.content.0'],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'ftp://x' }] }] },
      'input.0.content.0.image_url',
    ],
    [{ background: true }, 'background'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ tool_choice: { type: 'function', name: 'f' } }, 'tool_choice'],
    [{ tools: [{ type: 'function', name: 'a b' }] }, 'tools.0.name'],
    [{ text: { format: { type: 'json_schema', name: 'x' } } }, 'text.format'],
    [{ text: { format: { type: 'xml' } } }, 'text.format'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ temperature: 3 }, 'temperature'],
  ])('%j is refused by the name of its field', (body, param) => {
    expect(() => open(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('thoughts', () => {
  const thought: GeneratePart[] = [{ type: 'reasoning-delta', text: 'Hm.', tokens: 1 }, textPart('Yes')];

  it('are told as such, or as a summary where one was asked for', () => {
    expect(streamOf(open({}), thought).at(-1)).toMatchObject({
      response: {
        output: [{ type: 'reasoning', summary: [], content: [{ text: 'Hm.' }] }, { type: 'message' }],
      },
    });
    const events = streamOf(open({ reasoning: { summary: 'auto' } }), thought);
    expect(events.map(({ type }) => type).filter((type) => type.includes('reasoning'))).toEqual([
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
    ]);
    expect(events.at(-1)).toMatchObject({ response: { output: [{ summary: [{ text: 'Hm.' }] }, {}] } });
  });

  it('come back sealed where that was asked for, and are understood', () => {
    const events = streamOf(open({ include: ['reasoning.encrypted_content'], store: false }), thought);
    const item = events.find(({ type }) => type === 'response.output_item.done')?.['item'];
    expect(item).toMatchObject({ encrypted_content: 'sealed:Hm.' });
    const input = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed:Hm.' },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'another server’s' },
      { role: 'assistant', content: 'Yes' },
    ];
    expect(requestOf({ input }).messages[0]?.reasoning).toBe('Hm.');
  });
});

describe('the end', () => {
  it('tells of a length that was reached', () => {
    const events = streamOf(open({}), [textPart('Ye')], 'length');
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete' }],
      },
    });
  });

  it('of an answer without a word is an empty message', () => {
    expect(streamOf(open({}), []).at(-1)).toMatchObject({
      response: {
        status: 'completed',
        completed_at: 1_700_000_009,
        output: [{ type: 'message', content: [{ text: '' }] }],
      },
    });
  });

  it.each([
    [500, 'internal_error', 'server_error'],
    [429, 'rate_limit_exceeded', 'rate_limit_exceeded'],
    [400, 'invalid_request', 'invalid_prompt'],
  ])('of a failure (%i %s) is an error and the failed response, with what was said', (status, code, told) => {
    const dialect = open({});
    const stream = dialect.openStream(head, dialect.parse(null), 0);
    const begun = stream.encode(started) + stream.encode(textPart('Ye'));
    const events = eventsOf(begun + stream.fail(new AppError('It broke.', { status, code })));
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code, message: 'It broke.' },
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          store: false,
          error: { code: told, message: 'It broke.' },
          output: [{ status: 'incomplete' }],
        },
      },
    ]);
    expect(dialect.kept).toEqual([]);
  });

  it('names a full context as Codex understands it, though the vendor’s list of codes lacks it', () => {
    const dialect = open({});
    const stream = dialect.openStream(head, dialect.parse(null), 0);
    const frames = stream.fail(new AppError('Too long.', { status: 400, code: 'context_length_exceeded' }));
    const last = JSON.parse(frames.trimEnd().split('\ndata: ').at(-1) ?? '') as Event;
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { error: { code: 'context_length_exceeded' } },
    });
    expect(vendorErrors('ResponseFailedEvent', last).length).toBeGreaterThan(0);
  });

  it('by the client’s own wish is no failure, and is kept', () => {
    const dialect = open({});
    const stream = dialect.openStream(head, dialect.parse(null), 0);
    const events = eventsOf(
      stream.encode(started) + stream.fail(new AppError('', { status: 499, code: cancelledCode })),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'cancelled', store: true },
    });
    expect(dialect.kept).toHaveLength(1);
  });

  it('tells whether the response was kept', () => {
    expect(streamOf(open({}), []).at(-1)).toMatchObject({ response: { store: true } });
    expect(streamOf(open({}, { keeps: false }), []).at(-1)).toMatchObject({ response: { store: false } });
    expect(streamOf(open({}, { mayStore: false }), []).at(0)).toMatchObject({ response: { store: false } });
    const unwanted = open({ store: false });
    streamOf(unwanted, []);
    expect(unwanted.kept).toEqual([]);
  });

  it('is kept alive by events, numbered like all others', () => {
    const dialect = open({});
    const stream = dialect.openStream(head, dialect.parse(null), 0);
    const frames =
      stream.keepAlive() + stream.keepAlive() + stream.encode(started) + stream.encode(textPart('Yes'));
    const events = eventsOf(frames);
    expect(events.map(({ type, sequence_number: number }) => `${number} ${type}`)).toEqual([
      '0 response.created',
      '1 response.in_progress',
      '2 response.in_progress',
      '3 response.in_progress',
      '4 response.output_item.added',
      '5 response.content_part.added',
      '6 response.output_text.delta',
    ]);
  });

  it('bears log-probabilities where they were asked for', () => {
    const dialect = open({ include: ['message.output_text.logprobs'], top_logprobs: 1 });
    expect(dialect.parse(null).request.logprobs).toBe(1);
    const logprobs = [{ text: 'Yes', logprob: -0.5, top: [{ text: 'Yes', logprob: -0.5 }] }];
    const events = streamOf(dialect, [{ type: 'text-delta', text: 'Yes', tokens: 1, logprobs }]);
    expect(events.find(({ type }) => type === 'response.output_text.delta')).toMatchObject({
      logprobs: [{ token: 'Yes', logprob: -0.5 }],
    });
    expect(events.at(-1)).toMatchObject({
      response: { output: [{ content: [{ logprobs: [{ bytes: [89, 101, 115] }] }] }] },
    });
  });
});
