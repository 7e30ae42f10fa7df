import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { startServer } from './running-server.ts';

const model = 'smollm2-135m-instruct';

async function start(): Promise<Anthropic> {
  const server = await startServer({ command: ['node', 'server/main.ts'] });
  const apiKey = await server.cli('key', 'create', '--name', 'laptop');
  return new Anthropic({ baseURL: server.url, apiKey, maxRetries: 0 });
}

const ask = {
  model,
  system: 'You are a helpful assistant.',
  messages: [{ role: 'user' as const, content: 'Count from one to ten in words, separated by commas.' }],
};

test('the starter model answers in Anthropic’s language, and its tokens are counted as it counts them', async () => {
  const client = await start();
  const body = { ...ask, max_tokens: 40, temperature: 0 };
  const { input_tokens: counted } = await client.messages.countTokens(ask);
  const first = await client.messages.create(body);
  expect(first.content).toEqual([{ type: 'text', text: expect.stringMatching(/\w/), citations: null }]);
  expect(first.usage).toMatchObject({ input_tokens: counted, cache_read_input_tokens: 0 });

  // Asked again, most of the prompt is still there; together they are the same prompt.
  const second = await client.messages.stream(body).finalMessage();
  const cached = second.usage.cache_read_input_tokens ?? 0;
  expect(cached).toBeGreaterThan(0);
  expect(second.usage.input_tokens + cached).toBe(counted);
  expect(second.content).toMatchObject(first.content);

  const [words] = first.content;
  const said = words?.type === 'text' ? words.text : '';
  const stop = said.slice(5, 9);
  const stopped = await client.messages.create({ ...body, stop_sequences: ['never said', stop] });
  expect(stopped).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: stop });

  const tools = [{ name: 'clock', description: 'Tells the time', input_schema: { type: 'object' as const } }];
  expect((await client.messages.countTokens({ ...ask, tools })).input_tokens).toBeGreaterThan(counted + 10);

  const long = [{ role: 'user' as const, content: 'word '.repeat(12_000) }];
  expect((await client.messages.countTokens({ model, messages: long })).input_tokens).toBeGreaterThan(12_000);
  await expect(client.messages.create({ ...body, messages: long })).rejects.toThrow(
    /prompt is too long: \d+ tokens > \d+ maximum/,
  );
});
