import { z } from 'zod';
import { Fault, insist, isObject, objectOf } from './fault.ts';
import type { Frame } from './frames.ts';

/** What clients of chat completions rely on (clients.md §2.1). */

/** A tool call as the client would run it. */
export type JudgedCall = {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
};

export type JudgedAnswer = {
  /** Words and thoughts: whether anything was said at all. */
  readonly text: string;
  readonly calls: readonly JudgedCall[];
  readonly finish: string;
  /** Null where the answer does not tell. */
  readonly promptTokens: number | null;
};

const usage = z.looseObject({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) }).nullish();
const text = z.string().nullish();

const callPiece = z.looseObject({
  index: z.int().min(0),
  id: z.string().nullish(),
  type: z.string().nullish(),
  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }),
});

const chunk = z.looseObject({
  id: z.string().min(1),
  object: z.literal('chat.completion.chunk'),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      delta: z.looseObject({
        role: text,
        content: text,
        reasoning_content: text,
        tool_calls: z.array(callPiece).nullish(),
      }),
      finish_reason: text,
    }),
  ),
  usage,
});
type Chunk = z.infer<typeof chunk>;

/** @throws Fault */
export function judgeChatStream(frames: readonly Frame[]): JudgedAnswer {
  insist(frames.length > 0, 'the stream has no events');
  insist(frames.at(-1)?.data === '[DONE]', 'the stream does not end with [DONE]');
  const chunks = frames.slice(0, -1).map(({ data }) => readChunk(data));
  const [first] = chunks;
  insist(first !== undefined, 'the stream has no chunk before [DONE]');
  insist(first.choices[0]?.delta.role === 'assistant', 'the first chunk does not say whose turn it is');
  insist(
    chunks.every(({ id }) => id === first.id),
    'the chunks of one answer have different ids',
  );
  const choices = chunks.flatMap((one) => one.choices);
  const ends = choices.flatMap(({ finish_reason }) => finish_reason ?? []);
  insist(ends.length === 1, 'there is not exactly one chunk with a finish_reason');
  insist(typeof choices.at(-1)?.finish_reason === 'string', 'something comes after the finish_reason');
  return {
    text: choices.map(({ delta }) => `${delta.reasoning_content ?? ''}${delta.content ?? ''}`).join(''),
    calls: joinCalls(choices.flatMap(({ delta }) => delta.tool_calls ?? [])),
    finish: ends[0] ?? '',
    promptTokens: chunks.findLast((one) => one.usage != null)?.usage?.prompt_tokens ?? null,
  };
}

/** The usage stands in a chunk of its own, with an empty list of choices. */
export function judgeUsageChunk(frames: readonly Frame[]): void {
  const last = readChunk(frames.at(-2)?.data ?? '{}');
  insist(last.choices.length === 0 && last.usage != null, 'no chunk with usage comes before [DONE]');
}

function readChunk(data: string): Chunk {
  const value = objectOf(data, 'a chunk');
  if (isObject(value['error'])) {
    throw new Fault(`the stream ends with an error: ${String(value['error']['message']).slice(0, 300)}`);
  }
  const parsed = chunk.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Fault(`a chunk is not as it should be (${placeOf(parsed.error)})`);
}

/** The first piece of a call has its id and name, the others only arguments; one call after the other. */
function joinCalls(pieces: readonly z.infer<typeof callPiece>[]): JudgedCall[] {
  const open: { id: string; name: string; arguments: string }[] = [];
  for (const { index, id, type, function: piece } of pieces) {
    if (index === open.length) {
      const isWhole = typeof id === 'string' && id !== '' && type === 'function';
      insist(
        isWhole && typeof piece.name === 'string',
        'the first piece of a call lacks its id, type or name',
      );
      open.push({ id, name: piece.name, arguments: piece.arguments ?? '' });
      continue;
    }
    const known = open[index];
    insist(known !== undefined, 'the indexes of the calls do not count from 0');
    insist(id == null || id === known.id, 'a call changes its id');
    known.arguments += piece.arguments ?? '';
  }
  return open.map(readCall);
}

const whole = z.looseObject({
  id: z.string().min(1),
  object: z.literal('chat.completion'),
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({
          role: z.literal('assistant'),
          content: text,
          reasoning_content: text,
          tool_calls: z
            .array(
              z.looseObject({
                id: z.string().min(1),
                type: z.literal('function'),
                function: z.looseObject({ name: z.string(), arguments: z.string() }),
              }),
            )
            .nullish(),
        }),
        finish_reason: z.string(),
      }),
    )
    .length(1),
  usage,
});

/** @throws Fault */
export function judgeChat(body: unknown): JudgedAnswer {
  const parsed = whole.safeParse(body);
  if (!parsed.success) throw new Fault(`the answer is not as it should be (${placeOf(parsed.error)})`);
  const [choice] = parsed.data.choices;
  const message = choice?.message;
  return {
    text: message?.content ?? '',
    calls: (message?.tool_calls ?? []).map((call) => readCall({ id: call.id, ...call.function })),
    finish: choice?.finish_reason ?? '',
    promptTokens: parsed.data.usage?.prompt_tokens ?? null,
  };
}

/** @throws Fault where the arguments are no JSON object */
export function readCall(call: { id: string; name: string; arguments: string }): JudgedCall {
  return { ...call, arguments: objectOf(call.arguments, `the arguments of ${call.name}`) };
}

/** Which field, for who helps; nothing of what the model said. */
export function placeOf(error: z.ZodError): string {
  return error.issues[0]?.path.join('.') ?? '';
}
