import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { expect, test } from 'vitest';
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

/** Its address is without `/v1`, and the key travels as the SDK likes it. */
async function connect() {
  const server = await startScripted();
  const client = new Anthropic({ baseURL: server.address, apiKey: server.apiKey, maxRetries: 0 });
  return { server, client };
}

const base = { model, max_tokens: 1000 };
const user = (content: string) => [{ role: 'user' as const, content }];
const tools: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    description: 'The weather in a city.',
    input_schema: z.toJSONSchema(cityArguments) as Anthropic.Tool.InputSchema,
  },
];

test('messages.stream tells the text as it comes and ends with the whole message', async () => {
  const { client } = await connect();
  const texts: string[] = [];
  const stream = client.messages
    .stream({ ...base, system: 'Be brief.', messages: user('Hi') })
    .on('text', (text) => texts.push(text));
  const message = await stream.finalMessage();
  expect(texts.join('')).toBe(scriptedWords);
  expect(message).toMatchObject({
    role: 'assistant',
    model,
    stop_reason: 'end_turn',
    content: [{ type: 'text', text: scriptedWords }],
  });
  expect(message.usage.input_tokens).toBeGreaterThan(0);
  const whole = await client.messages.create({ ...base, system: 'Be brief.', messages: user('Hi') });
  expect(whole._request_id).toMatch(/^req_/);
  // The helper adds what it parsed, and each answer has an id of its own.
  expect({ ...whole, id: message.id, parsed_output: null }).toEqual(message);
});

test('thoughts are blocks with a signature, and are taken back', async () => {
  const { server, client } = await connect();
  const thoughts: string[] = [];
  const ask = { ...base, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 } as const };
  const stream = client.messages
    .stream({ ...ask, messages: user('think: Hm, well; answer exactly: Yes.') })
    .on('thinking', (text) => thoughts.push(text));
  const message = await stream.finalMessage();
  expect(message.content).toMatchObject([
    { type: 'thinking', thinking: 'Hm, well', signature: expect.stringMatching(/./) },
    { type: 'text', text: 'Yes.' },
  ]);
  expect(thoughts.join('')).toBe('Hm, well');
  await client.messages.create({
    ...ask,
    messages: [...user('Hi'), { role: 'assistant', content: message.content }, ...user('Go on.')],
  });
  expect(server.engine.seen.requests[1]?.messages[1]).toMatchObject({ reasoning: 'Hm, well' });
});

test('a tool is called, in a stream and whole, and its result answered', async () => {
  const { client } = await connect();
  const pieces: string[] = [];
  const stream = client.messages
    .stream({ ...base, tools, messages: user(askForTool) })
    .on('inputJson', (piece) => pieces.push(piece));
  const called = await stream.finalMessage();
  expect(called.stop_reason).toBe('tool_use');
  expect(JSON.parse(pieces.join(''))).toEqual({ city: 'Graz' });
  const use = called.content.find((block) => block.type === 'tool_use');
  expect(use).toMatchObject({ name: 'get_weather', input: { city: 'Graz' } });
  const answer = await client.messages.create({
    ...base,
    tools,
    messages: [
      ...user(askForTool),
      { role: 'assistant', content: called.content },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: use?.id ?? '', content: describeCity({ city: 'Graz' }) },
        ],
      },
    ],
  });
  expect(answer.content).toMatchObject([{ type: 'text', text: toolAnswer }]);
});

test.each([false, true])('the tool runner goes to the end (stream: %s)', async (stream) => {
  const { client } = await connect();
  const tool = betaZodTool({
    name: 'get_weather',
    description: 'The weather in a city.',
    inputSchema: cityArguments,
    run: describeCity,
  });
  const body = { ...base, messages: user(askForTool), tools: [tool] };
  const final = stream
    ? await client.beta.messages.toolRunner({ ...body, stream: true })
    : await client.beta.messages.toolRunner(body);
  expect(final.content).toMatchObject([{ type: 'text', text: toolAnswer }]);
});

test('messages.parse gives the object that the schema describes', async () => {
  const { server, client } = await connect();
  const message = await client.messages.parse({
    ...base,
    messages: user(askForObject),
    output_config: { format: zodOutputFormat(weather) },
  });
  expect(message.parsed_output).toEqual(JSON.parse(weatherText));
  expect(server.engine.seen.requests[0]?.chat?.responseFormat).toMatchObject({ type: 'json-schema' });
});

test('tokens are counted without asking the model, and the models are listed in their shape', async () => {
  const { server, client } = await connect();
  const count = await client.messages.countTokens({ model, tools, messages: user('Hi') });
  expect(count.input_tokens).toBeGreaterThan(0);
  expect(server.engine.seen.requests).toEqual([]);
  const models = await Array.fromAsync(client.models.list());
  const listed = models.find(({ id }) => id === model);
  expect(listed).toMatchObject({
    type: 'model',
    display_name: expect.any(String),
    max_input_tokens: 131_072,
  });
  expect(models.map(({ id }) => id)).toContain('office-code');
  expect(await client.models.retrieve(model)).toEqual(listed);
});

test('failures arrive as the error classes of the SDK', async () => {
  const { server, client } = await connect();
  await expect(
    client.messages.create({ ...base, model: 'nobody', messages: user('Hi') }),
  ).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  const stranger = new Anthropic({ baseURL: server.address, apiKey: 'sk-ink_wrong', maxRetries: 2 });
  const refused = await stranger.messages.create({ ...base, messages: user('Hi') }).catch((error) => error);
  expect(refused).toBeInstanceOf(Anthropic.AuthenticationError);
  expect(refused).toMatchObject({ requestID: expect.stringMatching(/^req_/), type: 'authentication_error' });
});
