import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { ChatMessage, ChatRole, ContentPart, GenerateRequest } from '../core/generate.ts';
import type { AnswerHead, Call, Dialect, StreamEncoder, WholeAnswer } from './dialect.ts';
import { openAiError } from './openai-errors.ts';
import { openAiUsage } from './openai-usage.ts';

/** OpenAI Chat Completions (openai-openapi 2.3.0, `createChatCompletion`), whole and streamed. */
export const openAiChat: Dialect = { id: 'openai-chat', parse, whole, openStream, error: openAiError };

// --- request ---------------------------------------------------------------------------------------------

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(part).max(4096)]).nullish();

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content,
  name: z.string().nullish(),
});

const maximumTokens = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish();

// Loose on purpose: clients send many fields of their own, and an unknown field is never an error.
const chatBody = z.looseObject({
  model: z.string().min(1).max(5000),
  messages: z.array(message).min(1).max(4096),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: maximumTokens,
  max_completion_tokens: maximumTokens,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(0).max(10_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string().max(1000), z.array(z.string().max(1000)).max(16)]).nullish(),
  logit_bias: z
    .record(z.string().regex(/^\d{1,9}$/), z.number().min(-100).max(100))
    .refine((bias) => Object.keys(bias).length <= 1024, 'at most 1024 entries')
    .nullish(),
  n: z.number().int().min(1).max(128).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  tool_choice: z.unknown().optional(),
});
type ChatBody = z.infer<typeof chatBody>;

function parse(body: unknown): Call {
  const result = chatBody.safeParse(body);
  if (!result.success) {
    const issue = result.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    throw invalidRequest(`Invalid value for '${path}': ${issue?.message ?? 'not understood'}.`, path);
  }
  const wire = result.data;
  refuseWhatWouldMislead(wire);
  return {
    request: toRequest(wire),
    stream: wire.stream ?? false,
    includeUsage: wire.stream_options?.include_usage ?? false,
    dropped: droppedFields(wire),
  };
}

function toRequest(wire: ChatBody): GenerateRequest {
  const stop = wire.stop ?? [];
  return {
    model: wire.model,
    messages: wire.messages.map(toMessage),
    maxTokens: wire.max_completion_tokens ?? wire.max_tokens ?? null,
    stop: (typeof stop === 'string' ? [stop] : stop).filter((text) => text !== ''),
    cacheScope: null,
    sampling: {
      temperature: wire.temperature ?? null,
      topP: wire.top_p ?? null,
      topK: wire.top_k ?? null,
      minP: wire.min_p ?? null,
      presencePenalty: wire.presence_penalty ?? null,
      frequencyPenalty: wire.frequency_penalty ?? null,
      // The vendor takes any integer; engines want 32 bits.
      seed:
        wire.seed === undefined || wire.seed === null ? null : Number(BigInt.asUintN(32, BigInt(wire.seed))),
      logitBias: wire.logit_bias ?? {},
    },
  };
}

function toMessage(wire: z.infer<typeof message>): ChatMessage {
  return {
    role: toRole(wire.role),
    content: toContent(wire.content),
    ...(wire.name ? { name: wire.name } : {}),
  };
}

function toRole(role: z.infer<typeof message>['role']): ChatRole {
  if (role === 'developer') return 'system';
  return role === 'function' ? 'tool' : role;
}

function toContent(wire: z.infer<typeof content>): readonly ContentPart[] {
  if (wire === null || wire === undefined) return [];
  if (typeof wire === 'string') return [{ type: 'text', text: wire }];
  return wire.map((piece): ContentPart => {
    if (piece.text !== undefined) return { type: 'text', text: piece.text };
    if (piece.type.includes('image')) return { type: 'media', kind: 'image' };
    return { type: 'media', kind: piece.type.includes('audio') ? 'audio' : 'file' };
  });
}

/** What we cannot do yet and whose absence would give a wrong answer is refused, not dropped. */
function refuseWhatWouldMislead(wire: ChatBody): void {
  if ((wire.n ?? 1) > 1) throw invalidRequest('This server gives one answer per request: set n to 1.', 'n');
  const format = wire.response_format?.type ?? 'text';
  if (format !== 'text') {
    throw invalidRequest(
      `response_format '${format}' cannot be enforced by this version; leave it out.`,
      'response_format',
    );
  }
  if (typeof wire.tool_choice === 'object' || wire.tool_choice === 'required') {
    if (wire.tool_choice !== null) {
      throw invalidRequest('Tool calls cannot be enforced by this version; set it to "auto".', 'tool_choice');
    }
  }
}

/** Fields that change the answer when done; merely descriptive ones (metadata, user, store) are not named. */
function droppedFields(wire: ChatBody): readonly string[] {
  return ['tools', 'functions', 'logprobs', 'audio', 'prediction'].filter((name) => {
    const value = wire[name];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
}

// --- answer ----------------------------------------------------------------------------------------------

function whole(answer: WholeAnswer): unknown {
  return {
    id: completionId(answer),
    object: 'chat.completion',
    created: answer.createdSeconds,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: answer.reason,
      },
    ],
    usage: openAiUsage(answer.usage),
  };
}

function completionId(head: AnswerHead): string {
  return `chatcmpl-${head.requestId.replace('req_', '')}`;
}

/**
 * Frames in the vendor's order: role, deltas, finish, usage if asked for, `[DONE]`. What is the same in every
 * frame is serialised once per stream; per token only the text is escaped.
 */
function openStream(head: AnswerHead, call: Call): StreamEncoder {
  const envelope = JSON.stringify({
    id: completionId(head),
    object: 'chat.completion.chunk',
    created: head.createdSeconds,
    model: head.model,
  }).slice(0, -1);
  const usageField = call.includeUsage ? ',"usage":null' : '';
  const frame = (choice: string): string => `data: ${envelope},"choices":[${choice}]${usageField}}\n\n`;
  return {
    keepAlive: ': keep-alive\n\n',
    fail: (error) => `data: ${JSON.stringify(openAiError(error).body)}\n\n`,
    encode: (part) => {
      switch (part.type) {
        case 'start':
          return frame(
            '{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}',
          );
        case 'text-delta':
          if (part.text === '') return '';
          return frame(
            `{"index":0,"delta":{"content":${JSON.stringify(part.text)}},"logprobs":null,"finish_reason":null}`,
          );
        case 'finish': {
          const last = frame(`{"index":0,"delta":{},"logprobs":null,"finish_reason":"${part.reason}"}`);
          const usage = call.includeUsage
            ? `data: ${envelope},"choices":[],"usage":${JSON.stringify(openAiUsage(part.usage))}}\n\n`
            : '';
          return `${last}${usage}data: [DONE]\n\n`;
        }
      }
    },
  };
}
