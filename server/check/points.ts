import { z } from 'zod';
import type { CheckPoint } from '../wire/checks.ts';
import { Fault, insist, objectOf } from './fault.ts';
import {
  judgeChat,
  judgeChatStream,
  judgeUsageChunk,
  placeOf,
  type JudgedAnswer,
  type JudgedCall,
} from './judge-chat.ts';
import { judgeMessagesStream } from './judge-messages.ts';
import { judgeResponsesStream } from './judge-responses.ts';
import { longContext } from './long-context.ts';
import type { Point } from './point.ts';
import { ok, verdict, type Verdict } from './verdict.ts';

/** Goes up when a point is asked or judged in another way: what was found before is then stale. */
export const pointsVersion = '1';

const minuteMs = 60_000;
/** Enough for a model that thinks before it acts. Arguments and fields are chosen from lists, so others are soon done. */
const mostTokens = 1024;
const wordsTokens = 24;

const cities = ['Paris', 'Rome', 'Oslo', 'Lima'] as const;
const parameters = {
  type: 'object',
  properties: { city: { type: 'string', enum: cities } },
  required: ['city'],
  additionalProperties: false,
};
const weather = { name: 'get_weather', description: 'The weather in a city now.', parameters };
const chatTool = { type: 'function', function: weather };
/** Each point asks for another, so that whoever looks at a log of prompts can tell them apart. */
const askFor = (city: (typeof cities)[number]): string => `What is the weather in ${city}? Call the tool.`;
const twoCities = 'What is the weather in Paris and in Rome? Call the tool for both at once.';

const colour = {
  type: 'object',
  properties: {
    colour: { type: 'string', enum: ['red', 'green', 'blue'] },
    isWarm: { type: 'boolean' },
  },
  required: ['colour', 'isWarm'],
  additionalProperties: false,
};
const colourObject = z.strictObject({ colour: z.enum(['red', 'green', 'blue']), isWarm: z.boolean() });

export const points: readonly Point[] = [
  point('text', { isFeature: false }, async (ask, { model }) => {
    const frames = await ask.stream('/v1/chat/completions', {
      ...chat(model, 'Say hello in one short sentence.', wordsTokens),
      stream_options: { include_usage: true },
    });
    const answer = judgeChatStream(frames);
    judgeUsageChunk(frames);
    return said(answer, ['stop', 'length']);
  }),
  point('tools', {}, async (ask, { model }) =>
    called(
      judgeChat(await ask.whole('/v1/chat/completions', chatWithTool(model, askFor('Paris')))),
      'tool_calls',
    ),
  ),
  point('tools-stream', {}, async (ask, { model }) =>
    called(
      judgeChatStream(await ask.stream('/v1/chat/completions', chatWithTool(model, askFor('Rome')))),
      'tool_calls',
    ),
  ),
  point('tools-parallel', {}, async (ask, { model }) => {
    const body = { ...chatWithTool(model, twoCities), parallel_tool_calls: true };
    const answer = judgeChatStream(await ask.stream('/v1/chat/completions', body));
    const came = called(answer, 'tool_calls');
    if (came.state !== 'ok') return came;
    const ids = new Set(answer.calls.map(({ id }) => id));
    insist(ids.size === answer.calls.length, 'two calls of one answer have the same id');
    return answer.calls.length > 1 ? ok : verdict('not-supported', 'one-call');
  }),
  point('json-schema', {}, async (ask, { model }) => {
    const answer = judgeChat(
      await ask.whole('/v1/chat/completions', {
        ...chat(model, 'Which colour has the sky, and is it a warm one? Answer in JSON.', mostTokens),
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'colour', strict: true, schema: colour },
        },
      }),
    );
    const parsed = colourObject.safeParse(objectOf(answer.text, 'the answer'));
    if (!parsed.success) throw new Fault(`the answer is not as the schema says (${placeOf(parsed.error)})`);
    return said(answer, ['stop']);
  }),
  point('responses', { isFeature: false }, async (ask, { model }) =>
    said(
      judgeResponsesStream(
        await ask.stream('/v1/responses', {
          model,
          store: false,
          instructions: 'Be short.',
          input: [{ role: 'user', content: [{ type: 'input_text', text: 'Say good morning.' }] }],
          max_output_tokens: wordsTokens,
        }),
      ),
      ['completed', 'incomplete'],
    ),
  ),
  point('responses-tools', {}, async (ask, { model }) =>
    called(
      judgeResponsesStream(
        await ask.stream('/v1/responses', {
          model,
          store: false,
          input: askFor('Oslo'),
          tools: [{ type: 'function', ...weather, strict: true }],
          tool_choice: 'required',
          max_output_tokens: mostTokens,
        }),
      ),
      'completed',
    ),
  ),
  point('messages', { isFeature: false }, async (ask, { model }) => {
    const body = { model, system: 'Be short.', messages: [{ role: 'user', content: 'Say good evening.' }] };
    const counted = countOf(await ask.whole('/v1/messages/count_tokens', body));
    insist(counted > 0, 'count_tokens counts nothing');
    return said(judgeMessagesStream(await ask.stream('/v1/messages', { ...body, max_tokens: wordsTokens })), [
      'end_turn',
      'max_tokens',
    ]);
  }),
  point('messages-tools', {}, async (ask, { model }) =>
    called(
      judgeMessagesStream(
        await ask.stream('/v1/messages', {
          model,
          messages: [{ role: 'user', content: askFor('Lima') }],
          tools: [{ name: weather.name, description: weather.description, input_schema: parameters }],
          tool_choice: { type: 'any' },
          max_tokens: mostTokens,
        }),
      ),
      'tool_use',
    ),
  ),
  point('embeddings', { task: 'embed' }, async (ask, { model }) => {
    const input = ['The kettle is on the shelf.', 'Water boils at a hundred degrees.'];
    judgeEmbeddings(
      await ask.whole('/v1/embeddings', { model, input, encoding_format: 'base64' }),
      input.length,
    );
    return ok;
  }),
  point('fill-middle', {}, async (ask, { model }) => {
    const body = {
      model,
      prompt: 'def add(a, b):\n    return ',
      suffix: '\n\nprint(add(1, 2))\n',
      max_tokens: 16,
    };
    judgeCompletionStream(await ask.stream('/v1/completions', body));
    return ok;
  }),
  point('long-context', { isFeature: false, timeoutMs: 30 * minuteMs }, longContext),
];

function point(
  id: CheckPoint,
  about: Partial<Pick<Point, 'task' | 'isFeature' | 'timeoutMs'>>,
  run: Point['run'],
): Point {
  return { id, task: 'generate', isFeature: true, timeoutMs: 3 * minuteMs, ...about, run };
}

/** The seed makes what our own engine says the same each time; no temperature, since some models refuse any. */
function chat(model: string, content: string, maxTokens: number): object {
  return { model, messages: [{ role: 'user', content }], max_tokens: maxTokens, seed: 1 };
}

function chatWithTool(model: string, content: string): object {
  return { ...chat(model, content, mostTokens), tools: [chatTool], tool_choice: 'required' };
}

function said({ text, finish }: JudgedAnswer, finishes: readonly string[]): Verdict {
  insist(finishes.includes(finish), `it ended with “${finish.slice(0, 50)}”`);
  insist(text !== '', 'it says nothing');
  return ok;
}

/** Clients run the tool when this is how the answer ends. */
function called({ calls, finish }: JudgedAnswer, expected: string): Verdict {
  if (calls.length === 0) return verdict('failed', 'no-call');
  insist(calls.every(isOurs), 'a call is not of the tool that was offered');
  insist(finish === expected, `an answer with a call ended with “${finish.slice(0, 50)}”`);
  return ok;
}

/** Which city is asked for is wit; that one is named is form. */
function isOurs({ name, arguments: given }: JudgedCall): boolean {
  return name === weather.name && typeof given['city'] === 'string';
}

const count = z.looseObject({ input_tokens: z.int().min(0) });

function countOf(body: unknown): number {
  const parsed = count.safeParse(body);
  if (!parsed.success) throw new Fault('count_tokens does not tell input_tokens');
  return parsed.data.input_tokens;
}

const embeddings = z.looseObject({
  object: z.literal('list'),
  data: z.array(z.looseObject({ index: z.int(), embedding: z.string() })),
  usage: z.looseObject({ prompt_tokens: z.int().min(0) }),
});

/** As both of OpenAI's libraries ask for them: base64 of little-endian 32-bit numbers. */
function judgeEmbeddings(body: unknown, wanted: number): void {
  const parsed = embeddings.safeParse(body);
  if (!parsed.success) throw new Fault(`the answer is not as it should be (${placeOf(parsed.error)})`);
  const { data } = parsed.data;
  insist(
    data.length === wanted && data.every(({ index }, at) => index === at),
    'not one vector for each text',
  );
  const vectors = data.map(({ embedding }) => Buffer.from(embedding, 'base64'));
  const [first] = vectors;
  insist(
    first !== undefined && first.length > 0 && first.length % 4 === 0,
    'a vector is not made of numbers',
  );
  insist(
    vectors.every(({ length }) => length === first.length),
    'the vectors have different lengths',
  );
  for (const bytes of vectors) {
    const numbers = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
    insist(numbers.every(Number.isFinite), 'a vector has something in it that is no number');
    insist(
      numbers.some((one) => one !== 0),
      'a vector is all zeros',
    );
  }
}

const completion = z.looseObject({
  object: z.literal('text_completion'),
  choices: z.array(z.looseObject({ text: z.string(), finish_reason: z.string().nullish() })),
});

/** What is filled in may be nothing at all; that it ends as a stream of completions is what matters. */
function judgeCompletionStream(frames: readonly { readonly data: string }[]): void {
  insist(frames.at(-1)?.data === '[DONE]', 'the stream does not end with [DONE]');
  const chunks = frames.slice(0, -1).map(({ data }) => {
    const parsed = completion.safeParse(objectOf(data, 'a chunk'));
    if (parsed.success) return parsed.data;
    throw new Fault(`a chunk is not as it should be (${placeOf(parsed.error)})`);
  });
  const ends = chunks.flatMap(({ choices }) => choices).filter((choice) => choice.finish_reason != null);
  insist(ends.length === 1, 'there is not exactly one chunk with a finish_reason');
}
