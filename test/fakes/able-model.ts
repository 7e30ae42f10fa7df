import type { ChatMessage, GeneratePart, GenerateRequest } from '../../server/core/generate.ts';
import { AppError } from '../../server/core/errors.ts';
import type { CheckPoint } from '../../server/wire/checks.ts';
import { createFakeEngine, type FakeAnswer, type FakeEngine, type FakeEngineOptions } from './fake-engine.ts';

/** What the compatibility check asks, told apart by its words: the engine does not see by which dialect it was asked. */
const asked: readonly (readonly [CheckPoint, RegExp])[] = [
  ['text', /Say hello/],
  ['tools', /weather in Paris\?/],
  ['tools-stream', /weather in Rome\?/],
  ['tools-parallel', /in Paris and in Rome/],
  ['json-schema', /Answer in JSON/],
  ['responses', /Say good morning/],
  ['responses-tools', /weather in Oslo\?/],
  ['messages', /Say good evening/],
  ['messages-tools', /weather in Lima\?/],
  ['long-context', /to be remembered/],
];

type AbleModelOptions = Pick<
  FakeEngineOptions,
  'id' | 'models' | 'slots' | 'beforePart' | 'beforeReady' | 'isOutside' | 'isRemote'
> & {
  readonly contextTokens?: number;
  /** The one thing it does wrongly. */
  readonly fails?: CheckPoint | null;
  readonly task?: 'generate' | 'embed' | 'rerank';
  /** Calls one tool only, whatever is asked. */
  readonly oneCall?: boolean;
  /** Default: a file the owner added. */
  readonly source?: 'added' | 'starter';
};

/** A scripted engine that does everything that tools ask for, but for one thing. */
export function createAbleModel(options: AbleModelOptions = {}): FakeEngine {
  const { fails = null, contextTokens = 40_000, task = 'generate', source = 'added', ...rest } = options;
  const engine = createFakeEngine({
    ...rest,
    contextTokens,
    answer: (request) => answerTo(request, { fails, contextTokens, oneCall: options.oneCall === true }),
    embed: ({ inputs }) => ({
      vectors: inputs.map(() => Float32Array.of(fails === 'embeddings' ? 0 : 1, 0, 0)),
      promptTokens: inputs.length,
    }),
  });
  return { ...engine, models: () => engine.models().map((model) => ({ ...model, task, source })) };
}

type Script = {
  readonly fails: CheckPoint | null;
  readonly contextTokens: number;
  readonly oneCall: boolean;
};

export function answerTo(
  request: GenerateRequest,
  { fails, contextTokens, oneCall }: Script,
): Partial<FakeAnswer> {
  const text = request.messages.map(textOf).join('\n');
  // Four characters are a token, as they say.
  const tokens = Math.ceil(text.length / 4) + 5;
  const promptTokens = fails === 'long-context' ? Math.min(tokens, 4096) : tokens;
  if (promptTokens >= contextTokens) throw tooLong(contextTokens, promptTokens);
  if (typeof request.raw?.suffix === 'string') {
    if (fails === 'fill-middle') throw new Error('a bug of this engine');
    return { promptTokens: 5, words: ['a', ' + b'] };
  }
  const point = asked.find(([, words]) => words.test(text))?.[0] ?? null;
  const isWrong = point !== null && point === fails && point !== 'long-context';
  if (request.chat !== undefined && request.chat.tools.length > 0) {
    if (isWrong && point !== 'tools-parallel') return { promptTokens, words: ['It', ' rains.'] };
    const isForTwo = point === 'tools-parallel' && !oneCall;
    return {
      promptTokens,
      ...calls(
        isForTwo ? ['{"city":"Paris"}', isWrong ? '{"city":' : '{"city":"Rome"}'] : ['{"city":"Paris"}'],
      ),
    };
  }
  if (point === 'json-schema') {
    return {
      promptTokens,
      words: isWrong ? ['Blue', ', I', ' think.'] : ['{"colour":', '"blue","isWarm"', ':false}'],
    };
  }
  return { promptTokens, words: isWrong ? [] : ['Hello', ' there.'] };
}

function calls(all: readonly string[]): Partial<FakeAnswer> {
  const parts = all.flatMap((text, index): GeneratePart[] => [
    { type: 'tool-call-start', index, id: `call_${index}`, name: 'get_weather', tokens: 1 },
    { type: 'tool-call-delta', index, arguments: text.slice(0, 4), tokens: 1 },
    { type: 'tool-call-delta', index, arguments: text.slice(4), tokens: 1 },
  ]);
  return { reason: 'tool_calls', words: parts.map(() => ''), parts };
}

function textOf({ content }: ChatMessage): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function tooLong(context: number, prompt: number): AppError {
  return new AppError(
    `This model's maximum context length is ${context} tokens, but the prompt has ${prompt} tokens.`,
    { status: 400, code: 'context_length_exceeded', param: 'messages' },
  );
}
