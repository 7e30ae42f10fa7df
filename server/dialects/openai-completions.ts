import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { GenerateRequest, RawPrompt } from '../core/generate.ts';
import { copies, mostCopies } from './copies.ts';
import type { AnswerHead, Call, Dialect, StreamEncoder, WholeAnswer } from './dialect.ts';
import { openAiError } from './openai-errors.ts';
import { completionLogprobs } from './openai-logprobs.ts';
import { samplingFields, stopField, toSampling, toStop } from './openai-sampling.ts';
import { openAiUsage } from './openai-usage.ts';
import { parseBody } from './parse.ts';

/**
 * OpenAI Completions (openai-openapi 2.3.0, `createCompletion`): text goes on from a prompt as it is, or fills the
 * middle before a `suffix`. What editors complete lines with.
 */
export const openAiCompletions: Dialect = {
  id: 'openai-completions',
  parse,
  whole,
  openStream,
  error: openAiError,
};

// --- request ---------------------------------------------------------------------------------------------

/** The vendor's default, short enough to surprise. */
const usualTokens = 16;
const mostChoices = 32;

const tokens = z.array(z.number().int().min(0).max(10_000_000)).min(1).max(1_000_000);

const completionBody = z.looseObject({
  model: z.string().min(1).max(5000),
  prompt: z.union(
    [
      z.string(),
      tokens,
      z.array(z.string()).min(1).max(mostChoices),
      z.array(tokens).min(1).max(mostChoices),
    ],
    { error: `must be a text, tokens, or a list of at most ${mostChoices} of one kind` },
  ),
  suffix: z.string().nullish(),
  max_tokens: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish(),
  ...samplingFields,
  stop: stopField,
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  echo: z.boolean().nullish(),
  n: z.number().int().min(1).max(mostCopies, `at most ${mostCopies} answers to one prompt`).nullish(),
  best_of: z.number().int().min(1).max(20).nullish(),
  logprobs: z.number().int().min(0).max(20).nullish(),
  ignore_eos: z.boolean().nullish(),
});
type CompletionBody = z.infer<typeof completionBody>;

function parse(body: unknown): Call {
  const wire = parseBody(completionBody, body);
  const prompts = toPrompts(wire.prompt);
  const n = wire.n ?? 1;
  refuseWhatWouldMislead(wire, prompts.length * n);
  const requests = prompts.flatMap((prompt) => {
    const echo = wire.echo === true && typeof prompt !== 'string' ? { echo: true } : {};
    const request = toRequest(wire, { prompt, suffix: wire.suffix ?? null, ...echo });
    return [request, ...copies(request, n)];
  });
  const [request, ...more] = requests;
  if (request === undefined) throw invalidRequest('There is no prompt.', 'prompt');
  return {
    request,
    ...(more.length === 0 ? {} : { more }),
    ...(wire.echo === true ? { echo: requests.map(echoOf) } : {}),
    stream: wire.stream ?? false,
    includeUsage: wire.stream_options?.include_usage ?? false,
    dropped: [],
  };
}

function toRequest(wire: CompletionBody, raw: RawPrompt): GenerateRequest {
  return {
    model: wire.model,
    messages: [],
    raw,
    maxTokens: wire.max_tokens ?? usualTokens,
    stop: toStop(wire.stop),
    sampling: toSampling(wire),
    cacheScope: null,
    ...(typeof wire.logprobs === 'number' ? { logprobs: wire.logprobs } : {}),
    ...(wire.ignore_eos === true ? { ignoreEos: true } : {}),
  };
}

function toPrompts(prompt: CompletionBody['prompt']): readonly RawPrompt['prompt'][] {
  if (typeof prompt === 'string') return [prompt];
  return isTokens(prompt) ? [prompt] : prompt;
}

function isTokens(prompt: readonly unknown[]): prompt is readonly number[] {
  return typeof prompt[0] === 'number';
}

/** Null: only the engine knows the text of its tokens. */
function echoOf({ raw }: GenerateRequest): string | null {
  return typeof raw?.prompt === 'string' ? raw.prompt : null;
}

function refuseWhatWouldMislead(wire: CompletionBody, choices: number): void {
  if (choices > mostChoices) {
    throw invalidRequest(`At most ${mostChoices} answers to one request: prompts times n.`, 'n');
  }
  if ((wire.best_of ?? 1) > (wire.n ?? 1)) {
    throw invalidRequest('This server does not choose among answers: leave best_of out.', 'best_of');
  }
  if (wire.echo === true && typeof wire.logprobs === 'number') {
    throw invalidRequest('Log-probabilities are told of the answer only: leave echo out.', 'echo');
  }
}

// --- answer ----------------------------------------------------------------------------------------------

function whole(answer: WholeAnswer, call: Call): unknown {
  return {
    id: completionId(answer),
    object: 'text_completion',
    created: answer.createdSeconds,
    model: answer.model,
    choices: answer.choices.map(({ promptText, text, reason, logprobs }, index) => ({
      index,
      text: (call.echo?.[index] ?? promptText ?? '') + text,
      logprobs: logprobs === null ? null : completionLogprobs(logprobs, 0),
      finish_reason: reason,
    })),
    usage: openAiUsage(answer.usage),
  };
}

function completionId(head: AnswerHead): string {
  return `cmpl-${head.requestId.replace('req_', '')}`;
}

function openStream(head: AnswerHead, call: Call, choice: number): StreamEncoder {
  const envelope = JSON.stringify({
    id: completionId(head),
    object: 'text_completion',
    created: head.createdSeconds,
    model: head.model,
  }).slice(0, -1);
  const usageField = call.includeUsage ? ',"usage":null' : '';
  let offset = 0;
  // What is the same in every frame is serialised once per stream; per token only the text is escaped.
  const before = `data: ${envelope},"choices":[{"index":${choice},"text":`;
  const frame = (text: string, logprobs: unknown, reason: string | null): string => {
    const told = logprobs === null ? 'null' : JSON.stringify(logprobs);
    const ended = reason === null ? 'null' : `"${reason}"`;
    return `${before}${JSON.stringify(text)},"logprobs":${told},"finish_reason":${ended}}]${usageField}}\n\n`;
  };
  return {
    keepAlive: () => ': keep-alive\n\n',
    fail: (error) => `data: ${JSON.stringify(openAiError(error).body)}\n\n`,
    encode: (part) => {
      switch (part.type) {
        case 'start': {
          const echo = call.echo?.[choice] ?? part.promptText ?? '';
          return echo === '' ? '' : frame(echo, null, null);
        }
        case 'text-delta': {
          const { text, logprobs = [] } = part;
          if (text === '' && logprobs.length === 0) return '';
          const told = logprobs.length === 0 ? null : completionLogprobs(logprobs, offset);
          offset += text.length;
          return frame(text, told, null);
        }
        // A prompt as it is has no tools, and what is thought is text like any other.
        case 'reasoning-delta':
        case 'tool-call-start':
        case 'tool-call-delta':
          return '';
        case 'finish':
          return frame('', null, part.reason);
      }
    },
    end: (usage) => {
      const last = call.includeUsage
        ? `data: ${envelope},"choices":[],"usage":${JSON.stringify(openAiUsage(usage))}}\n\n`
        : '';
      return `${last}data: [DONE]\n\n`;
    },
  };
}
