import { describe, expect, it } from 'vitest';
import { readFrames, type Frame } from '../../../server/check/frames.ts';
import { judgeChat, judgeChatStream, judgeUsageChunk } from '../../../server/check/judge-chat.ts';
import { judgeMessagesStream } from '../../../server/check/judge-messages.ts';
import { judgeResponsesStream } from '../../../server/check/judge-responses.ts';

async function* bytes(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

describe('events', () => {
  it('are read whatever the pieces they come in; comments are none', async () => {
    const text = ': waiting\n\nevent: a\ndata: {"x":\ndata: 1}\n\ndata: [DONE]\n\n';
    const expected = [
      { event: 'a', data: '{"x":\n1}' },
      { event: null, data: '[DONE]' },
    ];
    expect(await readFrames(bytes(text))).toEqual(expected);
    expect(await readFrames(bytes(...text.split('')))).toEqual(expected);
  });

  it('that break off in the middle are a fault', async () => {
    await expect(readFrames(bytes('data: {"x"'))).rejects.toThrow('ends in the middle of an event');
  });
});

/** `null` takes a field away. */
function chunk(delta: object, rest: object = {}): Frame {
  const choices = [
    { index: 0, delta, finish_reason: null, ...('finish' in rest ? { finish_reason: rest.finish } : {}) },
  ];
  const { finish: _finish, ...others } = { finish: null, ...rest };
  return data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'm', choices, ...others });
}
function data(value: unknown, event: string | null = null): Frame {
  return { event, data: JSON.stringify(value) };
}
const done: Frame = { event: null, data: '[DONE]' };
const first = chunk({ role: 'assistant', content: '' });
const last = chunk({}, { finish: 'stop' });
const usage = data({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [],
  usage: { prompt_tokens: 7, completion_tokens: 1 },
});
const call = (piece: object): Frame => chunk({ tool_calls: [piece] });

describe('a chat stream', () => {
  it('is right with its chunks in order, calls in pieces included', () => {
    const frames = [
      first,
      chunk({ reasoning_content: 'Hm. ' }),
      chunk({ content: 'Hello' }),
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"a"' } }),
      call({ index: 0, function: { arguments: ':1}' } }),
      call({ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }),
      chunk({}, { finish: 'tool_calls' }),
      usage,
      done,
    ];
    judgeUsageChunk(frames);
    expect(judgeChatStream(frames)).toEqual({
      text: 'Hm. Hello',
      calls: [
        { id: 'a', name: 'f', arguments: { a: 1 } },
        { id: 'b', name: 'g', arguments: {} },
      ],
      finish: 'tool_calls',
      promptTokens: 7,
    });
  });

  it.each<[string, readonly Frame[]]>([
    ['no events', []],
    ['does not end with [DONE]', [first, last]],
    ['no chunk before [DONE]', [done]],
    ['whose turn it is', [chunk({ content: 'Hi' }), last, done]],
    ['different ids', [first, { ...last, data: last.data.replace('chatcmpl-1', 'chatcmpl-2') }, done]],
    ['not exactly one chunk with a finish_reason', [first, chunk({ content: 'Hi' }), done]],
    ['not exactly one chunk with a finish_reason', [first, last, last, done]],
    ['comes after the finish_reason', [first, last, chunk({ content: 'more' }), done]],
    ['a chunk is not JSON', [first, { event: null, data: '{' }, done]],
    ['not as it should be (choices)', [data({ id: 'x', object: 'chat.completion.chunk', model: 'm' }), done]],
    ['ends with an error: out of memory', [first, data({ error: { message: 'out of memory' } }), done]],
    ['lacks its id, type or name', [first, call({ index: 0, function: { arguments: '{}' } }), last, done]],
    ['do not count from 0', [first, call({ index: 1, id: 'a', function: { name: 'f' } }), last, done]],
    [
      'the arguments of f is not JSON',
      [
        first,
        call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }),
        last,
        done,
      ],
    ],
    [
      'changes its id',
      [
        first,
        call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }),
        call({ index: 0, id: 'b', function: { arguments: '}' } }),
        last,
        done,
      ],
    ],
  ])('is not where it has %s', (fault, frames) => {
    expect(() => judgeChatStream(frames)).toThrow(fault);
  });

  it('has its usage in a chunk of its own, before the end', () => {
    expect(() => judgeUsageChunk([first, usage, last, done])).toThrow('no chunk with usage');
  });
});

it('a whole chat answer has one choice, and calls with arguments that are a JSON object', () => {
  const answer = (message: object): object => ({
    id: 'x',
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: null, ...message }, finish_reason: 'tool_calls' }],
    usage: { prompt_tokens: 3, completion_tokens: 1 },
  });
  const calls = (text: string): object => ({
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: text } }],
  });
  expect(judgeChat(answer(calls('{"a":1}')))).toMatchObject({
    calls: [{ arguments: { a: 1 } }],
    promptTokens: 3,
  });
  expect(() => judgeChat(answer(calls('[1]')))).toThrow('is not a JSON object');
  expect(() => judgeChat({ ...answer({}), choices: [] })).toThrow('(choices)');
  expect(() => judgeChat('words')).toThrow('not as it should be');
});

describe('a stream of the Responses API', () => {
  const event = (type: string, at: number, rest: object = {}): Frame =>
    data({ type, sequence_number: at, ...rest }, type);
  const response = {
    id: 'resp_1',
    object: 'response',
    usage: { input_tokens: 4, output_tokens: 1, total_tokens: 5 },
  };
  const item = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };
  const begin = event('response.created', 0);
  const said = event('response.output_text.delta', 1, { delta: 'Hi' });
  const itemDone = event('response.output_item.done', 2, { item });
  const end = event('response.completed', 3, { response });

  it('is right from created to completed, with whole items', () => {
    expect(judgeResponsesStream([begin, said, itemDone, end])).toEqual({
      text: 'Hi',
      calls: [{ id: 'c', name: 'f', arguments: {} }],
      finish: 'completed',
      promptTokens: 4,
    });
  });

  it.each<[string, readonly Frame[]]>([
    ['does not begin with response.created', [said]],
    ['is not its type', [begin, { ...said, event: null }, itemDone, end]],
    ['sequence_number does not count on', [begin, itemDone, end]],
    ['ends with response.output_item.done', [begin, said, itemDone]],
    ['ends with response.failed', [begin, event('response.failed', 1)]],
    [
      'at the end lacks usage',
      [begin, said, itemDone, event('response.completed', 3, { response: { ...response, usage: null } })],
    ],
    ['no item was told as done', [begin, event('response.completed', 1, { response })]],
    [
      'lacks its call_id',
      [begin, said, event('response.output_item.done', 2, { item: { ...item, call_id: null } }), end],
    ],
  ])('is not where it %s', (fault, frames) => {
    expect(() => judgeResponsesStream(frames)).toThrow(fault);
  });
});

describe('a stream of the Messages API', () => {
  const event = (type: string, rest: object = {}): Frame => data({ type, ...rest }, type);
  const begin = event('message_start', {
    message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 9 } },
  });
  const textBlock = event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  const text = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hi' } });
  const stop = event('content_block_stop', { index: 0 });
  const tool = event('content_block_start', {
    index: 1,
    content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
  });
  const piece = event('content_block_delta', {
    index: 1,
    delta: { type: 'input_json_delta', partial_json: '{"a":1}' },
  });
  const why = event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 3 } });
  const end = event('message_stop');

  it('is right with its blocks one after the other', () => {
    const frames = [
      begin,
      event('ping'),
      textBlock,
      text,
      stop,
      tool,
      piece,
      event('content_block_stop', { index: 1 }),
      why,
      end,
    ];
    expect(judgeMessagesStream(frames)).toEqual({
      text: 'Hi',
      calls: [{ id: 't', name: 'f', arguments: { a: 1 } }],
      finish: 'tool_use',
      promptTokens: 9,
    });
  });

  it.each<[string, readonly Frame[]]>([
    ['message_start is not the first event', [textBlock]],
    ['message_start lacks message', [event('message_start')]],
    ['before the one before has ended', [begin, textBlock, tool]],
    ['belongs to no open block', [begin, text]],
    ['a block ends twice', [begin, textBlock, stop, stop]],
    ['an event of type error', [begin, event('error', { error: { message: 'no' } })]],
    ['is not its type', [{ ...begin, event: null }]],
    ['does not end with message_stop', [begin, textBlock, text, stop, why]],
    ['the last block has not ended', [begin, textBlock, text, why, end]],
    ['nothing says why it has ended', [begin, textBlock, text, stop, end]],
    ['comes after message_stop', [begin, textBlock, text, stop, why, end, event('ping')]],
  ])('is not where %s', (fault, frames) => {
    expect(() => judgeMessagesStream(frames)).toThrow(fault);
  });
});
