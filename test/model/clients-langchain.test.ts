import { HumanMessage, ToolMessage, type AIMessageChunk } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
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
} from './clients-scripted.ts';

const getWeather = tool(describeCity, {
  name: 'get_weather',
  description: 'The weather in a city.',
  schema: cityArguments,
});

describe.each([false, true])('@langchain/openai (useResponsesApi: %s)', (useResponsesApi) => {
  async function connect() {
    const server = await startScripted();
    const options = { model: scriptedModel, apiKey: server.apiKey, maxRetries: 0, useResponsesApi };
    return {
      server,
      chat: new ChatOpenAI({ ...options, configuration: { baseURL: server.apiUrl } }),
      embeddings: new OpenAIEmbeddings({
        model: scriptedModel,
        apiKey: server.apiKey,
        maxRetries: 0,
        configuration: { baseURL: server.apiUrl },
      }),
    };
  }

  test('invoke and stream give the same words, with the usage', async () => {
    const { chat } = await connect();
    const whole = await chat.invoke('Hi');
    expect(whole.text).toBe(scriptedWords);
    expect(whole.usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 4, total_tokens: 16 });
    let sum: AIMessageChunk | undefined;
    for await (const chunk of await chat.stream('Hi')) sum = sum === undefined ? chunk : sum.concat(chunk);
    expect(sum?.text).toBe(scriptedWords);
    expect(sum?.usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 4, total_tokens: 16 });
  });

  test('bindTools: the call, the tool itself, and the answer to its result', async () => {
    const { chat } = await connect();
    const bound = chat.bindTools([getWeather]);
    const question = new HumanMessage(askForTool);
    const called = await bound.invoke([question]);
    expect(called.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Graz' } }]);
    const [call] = called.tool_calls ?? [];
    const result: unknown = await getWeather.invoke({ ...call, type: 'tool_call' } as never);
    expect(result).toBeInstanceOf(ToolMessage);
    const ended = await bound.invoke([question, called, result as ToolMessage]);
    expect(ended.text).toBe(toolAnswer);
  });

  test.each(['jsonSchema', 'functionCalling'] as const)('withStructuredOutput by %s', async (method) => {
    const { chat } = await connect();
    const structured = chat.withStructuredOutput(weather, { name: 'weather', method });
    const ask = method === 'jsonSchema' ? askForObject : `call weather(${weatherText})`;
    expect(await structured.invoke(ask)).toEqual(JSON.parse(weatherText));
  });

  test('embeddings of documents and of a question', async () => {
    const { embeddings } = await connect();
    const vectorOf = (length: number) => [Math.sin(length), Math.cos(length), 0].map((x) => Math.fround(x));
    expect(await embeddings.embedDocuments(['one', 'three'])).toEqual([vectorOf(3), vectorOf(5)]);
    expect(await embeddings.embedQuery('three')).toEqual(vectorOf(5));
  });
});
