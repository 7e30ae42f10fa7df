import { describe, expect, it } from 'vitest';
import type { TraceContent, TraceEntry } from '../../../server/core/trace.ts';
import type { Contents } from '../../../server/out/content.ts';
import { ok, startCollector } from './collector.ts';
import { throughProtobuf } from './otlp-protobuf.ts';
import { never, receiver, sent } from './otlp-receiver.ts';
import { fullRow } from './rows.ts';

function entry(
  role: TraceEntry['role'],
  kind: TraceEntry['kind'],
  text: string,
  more: Partial<TraceEntry> = {},
): TraceEntry {
  return { role, kind, text, name: null, cut: 0, choice: 0, ...more };
}

const conversation: TraceContent = {
  asked: [
    entry('system', 'tools', 'look, find, cu', { cut: 4 }),
    entry('system', 'text', 'Be brief.'),
    entry('user', 'text', 'See “this”:', { cut: 7 }),
    entry('user', 'media', '[image, image/png, 70 bytes]'),
    entry('assistant', 'reasoning', 'Hm.'),
    entry('assistant', 'call', '{"at":"x"}', { name: 'look' }),
    entry('tool', 'text', 'A cat.', { name: 'call_1' }),
    entry('tool', 'text', 'A dog.', { name: 'call_2' }),
  ],
  leftOut: 3,
  answered: [
    entry('assistant', 'text', 'Both.'),
    entry('assistant', 'call', '{"at":', { name: 'look', choice: 1, cut: 5 }),
  ],
  masked: 2,
};

/** Contents that hold these, of those that are asked for. */
function holding(kept: readonly (readonly [string, TraceContent])[]): Contents {
  const known = new Map(kept);
  return {
    sizes: async (rows) =>
      new Map(
        rows.flatMap(({ id }) => {
          const content = known.get(id);
          return content === undefined ? [] : [[id, JSON.stringify(content).length] as const];
        }),
      ),
    read: async (ids) =>
      new Map(
        ids.flatMap((id) => {
          const content = known.get(id);
          return content === undefined ? [] : [[id, content] as const];
        }),
      ),
  };
}

describe('what was said', () => {
  it('holds what was said only where there is something traced, in the words of the conventions', async () => {
    const traced = fullRow({ finishReason: 'tool_calls' });
    const { spans } = await sent([traced, fullRow()], {}, holding([[traced.id, conversation]]));
    const [said, silent] = spans.map(({ attributes }) => attributes);
    expect(JSON.parse(String(said?.['gen_ai.input.messages']))).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'See “this”:', characters_cut: 7 },
          { type: 'media_note', content: '[image, image/png, 70 bytes]' },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'Hm.' },
          { type: 'tool_call', name: 'look', arguments: { at: 'x' } },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'A cat.' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_2', response: 'A dog.' }] },
    ]);
    expect(JSON.parse(String(said?.['gen_ai.output.messages']))).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Both.' }], finish_reason: 'tool_call' },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', name: 'look', arguments: '{"at":', characters_cut: 5 }],
        finish_reason: 'tool_call',
      },
    ]);
    expect(JSON.parse(String(said?.['gen_ai.tool.definitions']))).toEqual([
      { type: 'function', name: 'look' },
      { type: 'function', name: 'find' },
    ]);
    expect([said?.['inglenook.content.left_out'], said?.['inglenook.content.masked']]).toEqual(['3n', '2n']);
    expect(Object.keys(silent ?? {}).filter((name) => /messages|tool|content/.test(name))).toEqual([]);
  });

  it.each([
    ['stop', 'ok', 'stop'],
    ['length', 'ok', 'length'],
    [null, 'cancelled', 'cancelled'],
    [null, 'error', 'error'],
  ] as const)('says how an answer that was kept ended: %s, %s', async (finishReason, status, told) => {
    const row = fullRow({ finishReason, status });
    const content = { ...conversation, answered: [entry('assistant', 'text', 'So far')] };
    const { spans } = await sent([row], {}, holding([[row.id, content]]));
    const output = String(spans[0]?.attributes['gen_ai.output.messages']);
    expect(JSON.parse(output)).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'So far' }], finish_reason: told },
    ]);
  });

  it('reads long conversations part by part, and sends each row once', async () => {
    const rows = Array.from({ length: 12 }, () => fullRow());
    const long = { ...conversation, asked: [entry('user', 'text', 'x'.repeat(60_000))], answered: [] };
    const traced = rows.filter((_row, index) => index % 2 === 0).map(({ id }) => [id, long] as const);
    const collector = await startCollector();
    const asked: number[] = [];
    const { sizes, read } = holding(traced);
    const contents: Contents = {
      sizes,
      read: async (ids) => {
        asked.push(ids.length);
        return await read(ids);
      },
    };
    expect(await receiver(`${collector.url}/v1/traces`, {}, contents).send(rows, never)).toEqual({
      refused: 0,
      reason: null,
    });
    expect(asked).toEqual([4, 2]);
    const spans = collector.received.flatMap(({ body }) =>
      throughProtobuf(JSON.parse(body)).flatMap((batch) => batch.spans),
    );
    expect(spans.map(({ traceId }) => `req_${traceId}`)).toEqual(rows.map(({ id }) => id));
    expect(spans.filter(({ attributes }) => 'gen_ai.input.messages' in attributes)).toHaveLength(6);
  });

  it('leaves out what a receiver finds too long, and not the request', async () => {
    const row = fullRow();
    const collector = await startCollector((response, { body }) => {
      if (body.includes('Be brief.')) response.writeHead(413).end();
      else ok(response);
    });
    const send = receiver(`${collector.url}/v1/traces`, {}, holding([[row.id, conversation]])).send;
    expect(await send([row], never)).toMatchObject({ refused: 0 });
    const [batch] = throughProtobuf(JSON.parse(collector.received.at(-1)?.body ?? ''));
    expect(batch?.spans.map(({ traceId }) => `req_${traceId}`)).toEqual([row.id]);
    // Of several it is not known whose it is: those come again one by one.
    await expect(send([row, fullRow()], never)).rejects.toMatchObject({ blame: 'rows' });
  });
});

describe('Langfuse and what was said', () => {
  it('is given it in the form it shows, and only once', async () => {
    const row = fullRow();
    const { spans } = await sent([row], { kind: 'langfuse' }, holding([[row.id, conversation]]));
    const attributes = spans[0]?.attributes ?? {};
    expect(JSON.parse(String(attributes['langfuse.observation.input']))).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'See “this”: [… 7 more characters]\n[image, image/png, 70 bytes]' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Hm.',
        tool_calls: [{ type: 'function', function: { name: 'look', arguments: '{"at":"x"}' } }],
      },
      { role: 'tool', content: 'A cat.', tool_call_id: 'call_1' },
      { role: 'tool', content: 'A dog.', tool_call_id: 'call_2' },
    ]);
    expect(JSON.parse(String(attributes['langfuse.observation.output']))).toMatchObject([
      { role: 'assistant', content: 'Both.' },
      { role: 'assistant', content: null },
    ]);
    expect(
      Object.keys(attributes).filter((name) => name.startsWith('gen_ai.') && name.includes('messages')),
    ).toEqual([]);
  });
});
