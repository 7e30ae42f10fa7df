import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { generateText, Output, streamText } from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { weather } from './clients-scripted.ts';
import { startServer } from './running-server.ts';

const model = 'smollm2-135m-instruct';
const prompt = 'Say hello.';
const messages = [{ role: 'user' as const, content: prompt }];
const forObject = 'The weather in Graz, as JSON.';

/** What the libraries do with tools and long conversations is in the other files, with an engine that obeys. */
test('every library gets words, objects and vectors from the running server', async () => {
  const server = await startServer({ command: ['node', 'server/main.ts'] });
  const apiKey = await server.cli('key', 'create', '--name', 'laptop');
  const baseURL = `${server.url}/v1`;

  const openai = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  const chatted = await openai.chat.completions.create({ model, messages, max_tokens: 16, temperature: 0 });
  const words = chatted.choices[0]?.message.content ?? '';
  expect(words).toMatch(/\w/);
  const parsed = await openai.chat.completions.parse({
    model,
    messages: [{ role: 'user', content: forObject }],
    max_tokens: 100,
    temperature: 0,
    response_format: zodResponseFormat(weather, 'weather'),
  });
  expect(weather.safeParse(parsed.choices[0]?.message.parsed).success).toBe(true);

  const ask = { model, input: prompt, max_output_tokens: 16, temperature: 0 };
  const responded = await openai.responses.create(ask);
  expect(responded.output_text).toBe(words);
  expect((await openai.responses.stream(ask).finalResponse()).output_text).toBe(words);
  const next = await openai.responses.create({
    ...ask,
    input: 'And now?',
    previous_response_id: responded.id,
  });
  expect(next.usage?.input_tokens).toBeGreaterThan(responded.usage?.input_tokens ?? Infinity);

  const anthropic = new Anthropic({ baseURL: server.url, apiKey, maxRetries: 0 });
  // The library has given the temperature up; the words are the same without luck only at 0.
  const coldly = {
    model,
    max_tokens: 16,
    messages,
    temperature: 0,
  } as Anthropic.MessageCreateParamsNonStreaming;
  const message = await anthropic.messages.stream(coldly).finalMessage();
  expect(message.content).toMatchObject([{ type: 'text', text: words }]);
  const counted = await anthropic.messages.countTokens({ model, messages });
  // What the slot still held is told apart.
  const { input_tokens: read, cache_read_input_tokens: held } = message.usage;
  expect(counted.input_tokens).toBe(read + (held ?? 0));

  const compatible = createOpenAICompatible({
    name: 'inglenook',
    baseURL,
    apiKey,
    supportsStructuredOutputs: true,
  });
  for (const chat of [createOpenAI({ baseURL, apiKey })(model), compatible(model)]) {
    const usual = { model: chat, maxRetries: 0, temperature: 0 };
    const streamed = streamText({ ...usual, prompt, maxOutputTokens: 16 });
    expect((await Array.fromAsync(streamed.textStream)).join('')).toBe(words);
    const { output } = await generateText({
      ...usual,
      prompt: forObject,
      maxOutputTokens: 100,
      output: Output.object({ schema: weather }),
    });
    expect(weather.safeParse(output).success).toBe(true);
  }

  const shared = { model, apiKey, maxRetries: 0, configuration: { baseURL } };
  const langchain = new ChatOpenAI({ ...shared, maxTokens: 16, temperature: 0 });
  expect((await langchain.invoke(prompt)).text).toBe(words);
  expect(await new OpenAIEmbeddings(shared).embedQuery(prompt)).toHaveLength(576);

  const rows: { status: string; httpStatus: number }[] = JSON.parse(await server.cli('log', '--json'));
  expect(rows.filter(({ status }) => status !== 'ok')).toEqual([]);
  await server.stop();
});
