import type OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { createKey, revokeKey } from '../../../server/store/keys.ts';
import { gate } from './harness.ts';
import { clientOf, model, start } from './responses-client.ts';

const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a town.',
  parameters: {
    type: 'object',
    properties: { town: { type: 'string' } },
    required: ['town'],
    additionalProperties: false,
  },
  strict: true,
} as const;

const called: NonNullable<FakeEngineOptions['answer']> = {
  reason: 'tool_calls',
  parts: [
    { type: 'reasoning-delta', text: 'They ask ', tokens: 1 },
    { type: 'reasoning-delta', text: 'about Ulm.', tokens: 1 },
    { type: 'text-delta', text: 'I look it up.', tokens: 1 },
    { type: 'tool-call-start', index: 0, id: 'call_a', name: 'get_weather', tokens: 1 },
    { type: 'tool-call-delta', index: 0, arguments: '{"town":', tokens: 1 },
    { type: 'tool-call-delta', index: 0, arguments: '"Ulm"}', tokens: 1 },
    { type: 'tool-call-start', index: 1, id: 'call_b', name: 'get_weather', tokens: 1 },
    { type: 'tool-call-delta', index: 1, arguments: '{"town":"Bonn"}', tokens: 1 },
  ],
};

describe('a whole response', () => {
  it('has everything that the vendor says of it', async () => {
    const { client, rows } = await start();
    const response = await client.responses.create({ model, input: 'Hi', metadata: { a: 'b' } });
    expect(response.output_text).toBe('Hello from the fake.');
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      instructions: null,
      previous_response_id: null,
      store: true,
      background: false,
      truncation: 'disabled',
      tools: [],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      metadata: { a: 'b' },
      usage: { input_tokens: 12, output_tokens: 5, total_tokens: 17 },
    });
    const [row] = rows();
    expect([row?.status, row?.route, `resp_${row?.id.slice(4)}`]).toEqual([
      'ok',
      '/v1/responses',
      response.id,
    ]);
  });

  it('says that it was cut off', async () => {
    const { client } = await start();
    const response = await client.responses.create({ model, input: 'Hi', max_output_tokens: 2 });
    expect([response.status, response.incomplete_details, response.output_text]).toEqual([
      'incomplete',
      { reason: 'max_output_tokens' },
      'Hello from',
    ]);
  });

  it('calls functions', async () => {
    const { client, engine } = await start({ answer: called });
    const response = await client.responses.create({ model, input: 'Weather?', tools: [weather] });
    expect(response.output.map((item) => item.type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ]);
    expect(response.output[2]).toMatchObject({
      call_id: 'call_a',
      name: 'get_weather',
      arguments: '{"town":"Ulm"}',
    });
    expect(engine.seen.requests[0]?.chat?.tools).toMatchObject([{ name: 'get_weather', isStrict: true }]);
  });

  it('is parsed by the vendor’s helper', async () => {
    const { client, engine } = await start({ answer: { words: ['{"town":', '"Ulm"}'] } });
    const format = zodTextFormat(z.object({ town: z.string() }), 'place');
    const response = await client.responses.parse({ model, input: 'Where?', text: { format } });
    expect(response.output_parsed).toEqual({ town: 'Ulm' });
    expect(engine.seen.requests[0]?.chat?.responseFormat).toMatchObject({
      type: 'json-schema',
      schema: { properties: { town: { type: 'string' } } },
    });
  });
});

describe('a streamed response', () => {
  it('adds up to the response that it ends with', async () => {
    const { client } = await start({ answer: called });
    const stream = client.responses.stream({ model, input: 'Weather?', tools: [weather] });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.reasoning_text.delta',
      'response.reasoning_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const final = await stream.finalResponse();
    expect(final.output).toMatchObject([
      { type: 'reasoning', content: [{ text: 'They ask about Ulm.' }] },
      { type: 'message', content: [{ text: 'I look it up.' }] },
      { type: 'function_call', arguments: '{"town":"Ulm"}' },
      { type: 'function_call', arguments: '{"town":"Bonn"}' },
    ]);
  });
});

describe('what comes back', () => {
  it('goes on from an earlier response', async () => {
    const { client, engine } = await start({ answer: called });
    const first = await client.responses.create({ model, input: 'Weather?', tools: [weather] });
    await client.responses.create({
      model,
      instructions: 'Be brief.',
      previous_response_id: first.id,
      input: [
        { type: 'function_call_output', call_id: 'call_a', output: 'Sun' },
        { type: 'function_call_output', call_id: 'call_b', output: [{ type: 'input_text', text: 'Rain' }] },
      ],
    });
    expect(engine.seen.requests[1]?.messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'I look it up.' }],
        reasoning: 'They ask about Ulm.',
        toolCalls: [
          { id: 'call_a', name: 'get_weather', arguments: '{"town":"Ulm"}' },
          { id: 'call_b', name: 'get_weather', arguments: '{"town":"Bonn"}' },
        ],
      },
      { role: 'tool', content: [{ type: 'text', text: 'Sun' }], toolCallId: 'call_a' },
      { role: 'tool', content: [{ type: 'text', text: 'Rain' }], toolCallId: 'call_b' },
    ]);
  });

  it('follows references to items of earlier responses', async () => {
    const { client, engine } = await start();
    const first = await client.responses.create({ model, input: 'Hi' });
    const [said] = first.output;
    await client.responses.create({
      model,
      input: [
        { role: 'user', content: 'Hi' },
        { type: 'item_reference', id: said?.id ?? '' },
        { role: 'user', content: 'And?' },
      ],
    });
    expect(engine.seen.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    await expect(
      client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_unknown' }] }),
    ).rejects.toMatchObject({ status: 404, param: 'input.0' });
  });

  it('is told as it was, and streamed again', async () => {
    const { client } = await start({ answer: called });
    const first = await client.responses.create({ model, input: 'Weather?', tools: [weather] });
    expect(await client.responses.retrieve(first.id)).toEqual(first);
    const again = client.responses.stream({ response_id: first.id });
    expect((await again.finalResponse()).output).toMatchObject(first.output);
    await expect(client.responses.retrieve(first.id, { stream: true, starting_after: 3 })).rejects.toThrow(
      /starting_after/,
    );
  });

  it('pages through what it was given', async () => {
    const { client } = await start();
    const first = await client.responses.create({ model, input: 'One' });
    const second = await client.responses.create({ model, previous_response_id: first.id, input: 'Two' });
    const page = await client.responses.inputItems.list(second.id, { limit: 2, order: 'asc' });
    expect(page.data.map((item) => item.type)).toEqual(['message', 'message']);
    expect(page.has_more).toBe(true);
    const all = [];
    for await (const item of client.responses.inputItems.list(second.id, { limit: 1 })) all.push(item);
    expect(all).toMatchObject([
      { role: 'user', content: [{ text: 'Two' }] },
      { role: 'assistant', content: [{ text: 'Hello from the fake.' }] },
      { role: 'user', content: [{ text: 'One' }] },
    ]);
    await expect(client.responses.inputItems.list(second.id, { after: 'msg_x' })).rejects.toMatchObject({
      status: 400,
      param: 'after',
    });
    await expect(client.responses.inputItems.list(second.id, { limit: 101 })).rejects.toMatchObject({
      status: 400,
      param: 'limit',
    });
  });

  it('is gone when it is deleted, and when its key is revoked', async () => {
    const server = await start();
    const { client, store } = server;
    const first = await client.responses.create({ model, input: 'Hi' });
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.delete(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.responses.create({ model, previous_response_id: first.id, input: 'Hi' }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
    await client.responses.create({ model, input: 'Hi' });
    revokeKey(store, server.keyId, Date.now());
    expect(store.db.prepare('SELECT count(*) FROM responses').pluck().get()).toBe(0);
  });

  it('is nobody else’s', async () => {
    const server = await start();
    const first = await server.client.responses.create({ model, input: 'Hi' });
    const { key } = createKey(server.store, { name: 'other' }, Date.now());
    const other = clientOf(server, key);
    const unknown = await other.responses.retrieve('resp_unknown').catch((error: unknown) => String(error));
    const answers = await Promise.all(
      [
        other.responses.retrieve(first.id),
        other.responses.cancel(first.id),
        other.responses.inputItems.list(first.id),
        other.responses.delete(first.id),
      ].map(async (asked) => String(await Promise.resolve(asked).catch((error: unknown) => error))),
    );
    expect(new Set(answers.map((text) => text.replaceAll(first.id, 'resp_unknown')))).toEqual(
      new Set([unknown]),
    );
    expect((await server.client.responses.retrieve(first.id)).id).toBe(first.id);
  });

  it('is not kept when it is not wanted, and says so', async () => {
    const { client } = await start();
    const response = await client.responses.create({ model, input: 'Hi', store: false });
    expect(response).toMatchObject({ store: false });
    await expect(client.responses.retrieve(response.id)).rejects.toMatchObject({ status: 404 });
  });

  it('is not kept when it is too large, and says so', async () => {
    const { client } = await start();
    const response = await client.responses.create({ model, input: 'x'.repeat(5_000_000) });
    expect(response).toMatchObject({ status: 'completed', store: false });
  });
});

describe('cancelling', () => {
  it('ends a response that is being streamed', async () => {
    const held = gate();
    const { client, rows, engine } = await start({
      beforePart: (index) => (index === 3 ? held.opened : undefined),
    });
    const stream = await client.responses.create({ model, input: 'Hi', stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    let cancelled: OpenAI.Responses.Response | null = null;
    for await (const event of stream) {
      events.push(event);
      if (event.type !== 'response.output_text.delta' || cancelled !== null) continue;
      const [begun] = events;
      if (begun?.type !== 'response.created') throw new Error('no beginning');
      expect(await client.responses.retrieve(begun.response.id)).toMatchObject({ status: 'in_progress' });
      cancelled = await client.responses.cancel(begun.response.id);
    }
    expect(cancelled?.status).toBe('cancelled');
    const last = events.at(-1);
    expect(last).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } });
    expect(await client.responses.retrieve(cancelled?.id ?? '')).toMatchObject({ status: 'cancelled' });
    await expect(client.responses.cancel(cancelled?.id ?? '')).rejects.toMatchObject({ status: 400 });
    expect(rows()[0]?.status).toBe('cancelled');
    expect(engine.seen.cancelled).toBe(1);
  });
});
