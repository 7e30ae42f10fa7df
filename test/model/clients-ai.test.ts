import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  embedMany,
  generateText,
  isStepCount,
  Output,
  streamText,
  tool,
  type EmbeddingModel,
  type LanguageModel,
} from 'ai';
import { describe, expect, test } from 'vitest';
import { scriptedWords } from '../fakes/scripted-answer.ts';
import {
  askForObject,
  askForTool,
  cityArguments,
  describeCity,
  scriptedModel,
  startScripted,
  toolAnswer,
  weather,
  weatherText,
  type ScriptedServer,
} from './clients-scripted.ts';

type Models = { readonly chat: LanguageModel; readonly embedding: EmbeddingModel };

type Provider = {
  readonly name: string;
  readonly models: (server: ScriptedServer) => Models;
  /** What the provider shows of a thought. */
  readonly thought: string | undefined;
};

/** The three ways into the same server: Responses is what `@ai-sdk/openai` takes unless told otherwise. */
const providers: readonly Provider[] = [
  {
    name: '@ai-sdk/openai, responses',
    // It reads summaries alone.
    thought: undefined,
    models: ({ apiUrl: baseURL, apiKey }) => {
      const provider = createOpenAI({ baseURL, apiKey });
      return { chat: provider(scriptedModel), embedding: provider.embedding(scriptedModel) };
    },
  },
  {
    name: '@ai-sdk/openai, chat',
    thought: undefined,
    models: ({ apiUrl: baseURL, apiKey }) => {
      const provider = createOpenAI({ baseURL, apiKey });
      return { chat: provider.chat(scriptedModel), embedding: provider.embedding(scriptedModel) };
    },
  },
  {
    name: '@ai-sdk/openai-compatible',
    thought: 'Hm, well',
    models: ({ apiUrl: baseURL, apiKey }) => {
      const options = { name: 'inglenook', baseURL, apiKey };
      const provider = createOpenAICompatible({
        ...options,
        includeUsage: true,
        supportsStructuredOutputs: true,
      });
      return { chat: provider(scriptedModel), embedding: provider.embeddingModel(scriptedModel) };
    },
  },
];

const tools = {
  get_weather: tool({
    description: 'The weather in a city.',
    inputSchema: cityArguments,
    execute: describeCity,
  }),
};

describe.each(providers)('$name', ({ models, thought }) => {
  async function connect() {
    const server = await startScripted();
    return { server, ...models(server) };
  }

  test('streamText tells the text as it comes, with reason and usage', async () => {
    const { chat } = await connect();
    const answer = streamText({ model: chat, prompt: 'Hi', maxRetries: 0 });
    const texts = await Array.fromAsync(answer.textStream);
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join('')).toBe(scriptedWords);
    expect(await answer.finishReason).toBe('stop');
    expect(await answer.usage).toMatchObject({ inputTokens: 12, outputTokens: 4 });
  });

  test('a tool is called and its result answered, in a stream and whole', async () => {
    const { server, chat } = await connect();
    const ask = { model: chat, prompt: askForTool, tools, stopWhen: isStepCount(3), maxRetries: 0 };
    const streamed = streamText(ask);
    expect(await Array.fromAsync(streamed.textStream).then((texts) => texts.join(''))).toBe(toolAnswer);
    expect((await streamed.steps).map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop']);
    const whole = await generateText(ask);
    expect(whole.text).toBe(toolAnswer);
    expect(whole.steps[0]?.toolResults).toMatchObject([
      { toolName: 'get_weather', input: { city: 'Graz' }, output: '7 degrees in Graz' },
    ]);
    expect(server.engine.seen.requests.at(-1)?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
    ]);
  });

  test('an object of the given form, whole and in a stream', async () => {
    const { server, chat } = await connect();
    const ask = {
      model: chat,
      prompt: askForObject,
      output: Output.object({ schema: weather }),
      maxRetries: 0,
    };
    expect((await generateText(ask)).output).toEqual(JSON.parse(weatherText));
    const streamed = streamText(ask);
    const partial = await Array.fromAsync(streamed.partialOutputStream);
    expect(partial.at(-1)).toEqual(JSON.parse(weatherText));
    expect(server.engine.seen.requests.map(({ chat: options }) => options?.responseFormat.type)).toEqual([
      'json-schema',
      'json-schema',
    ]);
  });

  test('what was thought is told apart from what is said', async () => {
    const { chat } = await connect();
    const prompt = 'think: Hm, well; answer exactly: Yes.';
    const answer = await generateText({ model: chat, prompt, maxRetries: 0 });
    expect(answer.text).toBe('Yes.');
    expect(answer.reasoningText).toBe(thought);
  });

  test('embeddings, several at once', async () => {
    const { embedding } = await connect();
    const { embeddings, usage } = await embedMany({
      model: embedding,
      values: ['one', 'three'],
      maxRetries: 0,
    });
    expect(embeddings).toEqual(
      [3, 5].map((length) => [Math.sin(length), Math.cos(length), 0].map((x) => Math.fround(x))),
    );
    expect(usage.tokens).toBe(3);
  });
});
