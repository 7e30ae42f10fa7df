import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import OpenAI6 from 'openai-6';
import {
  zodResponseFormat as zodResponseFormat6,
  zodTextFormat as zodTextFormat6,
} from 'openai-6/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import {
  askForObject,
  askForTool,
  cityArguments,
  describeCity,
  scriptedModel as model,
  startScripted,
  toolAnswer,
  weather,
  weatherText,
} from './clients-scripted.ts';

/** What both majors have in common is typed by the newer one. */
const versions = [
  { name: 'openai 7', Client: OpenAI, zodResponseFormat, zodTextFormat },
  {
    name: 'openai 6',
    Client: OpenAI6 as unknown as typeof OpenAI,
    zodResponseFormat: zodResponseFormat6,
    zodTextFormat: zodTextFormat6,
  },
] as const;

const user = (content: string) => [{ role: 'user' as const, content }];

const getWeather = {
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: z.toJSONSchema(cityArguments) as OpenAI.FunctionParameters,
};
const chatTools = [{ type: 'function' as const, function: getWeather }];
const responseTools = [{ type: 'function' as const, strict: true, ...getWeather }];

describe.each(versions)('$name, chat', ({ Client, zodResponseFormat: toFormat }) => {
  async function connect() {
    const server = await startScripted();
    return { server, client: new Client({ baseURL: server.apiUrl, apiKey: server.apiKey, maxRetries: 0 }) };
  }

  test('a whole answer bears the request id, a stream its usage', async () => {
    const { client } = await connect();
    const whole = await client.chat.completions.create({ model, messages: user('Hi') });
    expect(whole.choices[0]?.message.content).toBe(scriptedWords);
    expect(whole._request_id).toMatch(/^req_/);
    const stream = await client.chat.completions.create({
      model,
      messages: user('Hi'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(scriptedWords);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });

  test('parse() gives the object that the schema describes', async () => {
    const { server, client } = await connect();
    const parsed = await client.chat.completions.parse({
      model,
      messages: user(askForObject),
      response_format: toFormat(weather, 'weather'),
    });
    expect(parsed.choices[0]?.message.parsed).toEqual(JSON.parse(weatherText));
    expect(server.engine.seen.requests[0]?.chat?.responseFormat).toMatchObject({
      type: 'json-schema',
      schema: { required: ['city', 'degrees'] },
    });
  });

  test('the streaming helper tells text, object and tool calls as they come', async () => {
    const { client } = await connect();
    const texts: string[] = [];
    const stream = client.chat.completions
      .stream({ model, messages: user(askForObject), response_format: toFormat(weather, 'weather') })
      .on('content.delta', ({ delta }) => texts.push(delta));
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual(JSON.parse(weatherText));
    expect(texts.join('')).toBe(weatherText);

    const pieces: string[] = [];
    const calling = client.chat.completions
      .stream({ model, messages: user(askForTool), tools: chatTools })
      .on('tool_calls.function.arguments.delta', (event) => pieces.push(event.arguments_delta));
    const called = await calling.finalChatCompletion();
    expect(called.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Graz"}' } }],
      },
    });
    expect(pieces.join('')).toBe('{"city":"Graz"}');
  });

  test.each([false, true])('the tool runner goes to the end (stream: %s)', async (stream) => {
    const { server, client } = await connect();
    const asked: string[] = [];
    const tool = {
      type: 'function' as const,
      function: {
        ...getWeather,
        parse: (text: string) => cityArguments.parse(JSON.parse(text)),
        function: (given: { city: string }) => {
          asked.push(given.city);
          return describeCity(given);
        },
      },
    };
    const body = { model, messages: user(`${askForTool} and call get_weather({"city":"Linz"})`) };
    const runner = stream
      ? client.chat.completions.runTools({ ...body, tools: [tool], stream: true })
      : client.chat.completions.runTools({ ...body, tools: [tool] });
    expect(await runner.finalContent()).toBe(`${toolAnswer} and 7 degrees in Linz`);
    expect(asked.sort()).toEqual(['Graz', 'Linz']);
    expect(server.engine.seen.requests[1]?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
    ]);
  });

  test('leaving a stream ends the generation', async () => {
    const left = Promise.withResolvers<void>();
    const server = await startScripted({ beforePart: (index) => (index < 3 ? undefined : left.promise) });
    const client = new Client({ baseURL: server.apiUrl, apiKey: server.apiKey, maxRetries: 0 });
    const stream = await client.chat.completions.create({ model, messages: user('Hi'), stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(() => server.engine.seen.cancelled).toBe(1);
    left.resolve();
  });

  test('embeddings arrive as numbers, in order', async () => {
    const { client } = await connect();
    const answer = await client.embeddings.create({ model, input: ['one', 'three', ''.padEnd(9, 'x')] });
    expect(answer.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(answer.data[1]?.embedding).toEqual([Math.sin(5), Math.cos(5), 0].map((x) => Math.fround(x)));
  });
});

describe.each(versions)('$name, responses', ({ Client, zodTextFormat: toFormat }) => {
  async function connect() {
    const server = await startScripted();
    return { server, client: new Client({ baseURL: server.apiUrl, apiKey: server.apiKey, maxRetries: 0 }) };
  }

  test('create, then go on from the stored response, retrieve, list and delete it', async () => {
    const { server, client } = await connect();
    const first = await client.responses.create({ model, instructions: 'Be brief.', input: 'Hi' });
    expect(first).toMatchObject({ status: 'completed', output_text: scriptedWords });
    const second = await client.responses.create({
      model,
      input: 'answer exactly: Again.',
      previous_response_id: first.id,
    });
    expect(second).toMatchObject({ output_text: 'Again.', previous_response_id: first.id });
    // Instructions are not handed on; what was said is.
    expect(server.engine.seen.requests[1]?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(await client.responses.retrieve(second.id)).toMatchObject({ output_text: 'Again.' });
    const items = await Array.fromAsync(client.responses.inputItems.list(second.id));
    expect(items.length).toBeGreaterThan(0);
    await client.responses.delete(second.id);
    await expect(client.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 });
  });

  test('a stream tells its events in order, and the helper puts them together', async () => {
    const { client } = await connect();
    const stream = await client.responses.create({ model, input: 'Hi', stream: true });
    const events = await Array.fromAsync(stream);
    expect(events.map(({ sequence_number: number }) => number)).toEqual([...events.keys()]);
    expect([...new Set(events.map(({ type }) => type))]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);

    const texts: string[] = [];
    const helped = client.responses
      .stream({ model, input: askForObject, text: { format: toFormat(weather, 'weather') } })
      .on('response.output_text.delta', ({ delta }) => texts.push(delta));
    const final = await helped.finalResponse();
    expect(final.output_parsed).toEqual(JSON.parse(weatherText));
    expect(texts.join('')).toBe(weatherText);
  });

  test('parse() gives the object, and a tool call goes to the end', async () => {
    const { client } = await connect();
    const parsed = await client.responses.parse({
      model,
      input: askForObject,
      text: { format: toFormat(weather, 'weather') },
    });
    expect(parsed.output_parsed).toEqual(JSON.parse(weatherText));

    const called = await client.responses.create({ model, input: askForTool, tools: responseTools });
    const call = called.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Graz"}' });
    const output = describeCity(cityArguments.parse(JSON.parse(call?.arguments ?? '')));
    const ended = await client.responses.create({
      model,
      tools: responseTools,
      previous_response_id: called.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output }],
    });
    expect(ended.output_text).toBe(toolAnswer);
  });

  test('what was thought comes as an item of its own', async () => {
    const { client } = await connect();
    const answer = await client.responses.create({
      model,
      input: 'think: Hm, well; answer exactly: Yes.',
      reasoning: { effort: 'low' },
    });
    expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(answer.output_text).toBe('Yes.');
  });
});
