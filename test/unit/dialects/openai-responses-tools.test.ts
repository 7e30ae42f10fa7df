import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { callOf, droppedOf, head, open, requestOf, streamOf } from './opened-responses.ts';

describe('tools', () => {
  const f = { type: 'function', name: 'f', parameters: { type: 'object' } };
  const g = { type: 'custom', name: 'g', description: 'Runs it.' };

  it('of a group bear its name for the model, and their own for the client', () => {
    const tools = [{ type: 'namespace', name: 'mcp__shop', description: 'A shop.', tools: [f, g] }];
    const dialect = open({ tools });
    expect(dialect.parse(null).request.chat?.tools.map(({ name }) => name)).toEqual([
      'mcp__shop__f',
      'mcp__shop__g',
    ]);
    const events = streamOf(dialect, callOf('mcp__shop__f', '{"a":1}'), 'tool_calls');
    expect(events.at(-2)).toMatchObject({
      item: {
        type: 'function_call',
        name: 'f',
        namespace: 'mcp__shop',
        arguments: '{"a":1}',
        call_id: 'call_1',
      },
    });
    const input = [
      { type: 'function_call', call_id: 'c', name: 'f', namespace: 'mcp__shop', arguments: '{}' },
    ];
    expect(requestOf({ input }).messages[0]?.toolCalls?.[0]?.name).toBe('mcp__shop__f');
  });

  it('that take free text get it out of the model’s JSON as it comes', () => {
    const text = 'line "1"\nü \u{1f600} \\ end';
    const json = JSON.stringify({ input: text })
      .replace('ü', '\\u00fc')
      .replace('\u{1f600}', '\\ud83d\\ude00');
    const events = streamOf(open({ tools: [g] }), callOf('g', ...json.split('')), 'tool_calls');
    const deltas = events.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
    expect(deltas.length).toBeGreaterThan(10);
    expect(deltas.map(({ delta }) => delta).join('')).toBe(text);
    expect(events.at(-1)).toMatchObject({
      response: { output: [{ type: 'custom_tool_call', name: 'g', input: text, call_id: 'call_1' }] },
    });
  });

  it.each([
    ['{ "input" : "a" }', 'a'],
    ['{"other":1,"input":"a"}', 'a'],
    ['"a"', 'a'],
    ['just text', 'just text'],
    ['{"input":"cut', 'cut'],
    ['{"input":"a\\d\nb"}', 'a\\d\nb'],
    ['', ''],
  ])('that take free text understand %s too', (json, input) => {
    const events = streamOf(open({ tools: [g] }), callOf('g', json));
    expect(events.at(-1)).toMatchObject({ response: { output: [{ input }] } });
  });

  it('are held to a regular expression; of another grammar the model is told', () => {
    const format = { type: 'grammar', syntax: 'regex', definition: '[a-z]+' };
    const [regex] = requestOf({ tools: [{ ...g, format }] }).chat?.tools ?? [];
    expect(regex?.parameters?.schema).toMatchObject({ properties: { input: { pattern: '^(?:[a-z]+)$' } } });
    const lark = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
    const [told] = requestOf({ tools: [{ ...g, format: lark }] }).chat?.tools ?? [];
    expect(told?.description).toContain('start: "x"');
    expect(droppedOf({ tools: [{ ...g, format: lark }] })).toEqual(['tools.0.format']);
    expect(droppedOf({ tools: [{ ...g, format: { ...format, definition: '(?i:' } }] })).toEqual([
      'tools.0.format',
    ]);
  });

  it('may be chosen', () => {
    const chosen = (choice: unknown) => {
      const chat = requestOf({ tools: [f, g], tool_choice: choice }).chat;
      return [chat?.toolChoice, chat?.tools.map(({ name }) => name)];
    };
    expect(chosen('required')).toEqual(['required', ['f', 'g']]);
    expect(chosen({ type: 'function', name: 'f' })).toEqual([{ name: 'f' }, ['f', 'g']]);
    expect(chosen({ type: 'custom', name: 'g' })).toEqual([{ name: 'g' }, ['f', 'g']]);
    expect(
      chosen({ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }] }),
    ).toEqual(['required', ['f']]);
  });

  it('are repeated as the vendor describes them', () => {
    const dialect = open({
      tools: [
        f,
        g,
        { ...g, name: 'h', format: { type: 'text' } },
        { type: 'namespace', name: 'n', description: 'd', tools: [f] },
      ],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
      text: { format: { type: 'json_schema', name: 'x', schema: { type: 'object' } } },
      reasoning: { effort: 'low' },
    });
    streamOf(dialect, []);
    expect(dialect.snapshot()).toMatchObject({
      tools: [{ name: 'f' }, { name: 'g' }, { name: 'h' }, { name: 'n', tools: [{ name: 'f' }] }],
      tool_choice: { type: 'allowed_tools' },
      reasoning: { effort: 'low', summary: null },
    });
  });

  it('are called one after the other: mixed pieces are an error, never a loss', () => {
    const stream = open({ tools: [f] }).openStream(head, open({}).parse(null), 0);
    for (const part of callOf('f', '{')) stream.encode(part);
    stream.encode({ type: 'tool-call-start', index: 1, id: 'call_2', name: 'f', tokens: 1 });
    expect(() => stream.encode({ type: 'tool-call-delta', index: 0, arguments: '}', tokens: 1 })).toThrow(
      AppError,
    );
  });
});
