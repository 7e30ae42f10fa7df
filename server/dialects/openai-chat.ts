import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import {
  usualSampling,
  type ChatMessage,
  type FinishReason,
  type GenerateRequest,
  type ToolCallPiece,
} from '../core/generate.ts';
import type { AnswerHead, Call, Dialect, StreamEncoder, WholeAnswer, WholeChoice } from './dialect.ts';
import { copies, mostCopies } from './copies.ts';
import { messagesField, toMessages, toPlainMessages } from './openai-chat-messages.ts';
import { plainChat, type PlainChat } from './openai-chat-plain.ts';
import { toChatShape } from './openai-chat-shape.ts';
import { openAiError } from './openai-errors.ts';
import { chatLogprobs } from './openai-logprobs.ts';
import { samplingFields, stopField, toSampling, toStop } from './openai-sampling.ts';
import { droppedTools, isLegacy, toChatOptions, toolFields } from './openai-tools.ts';
import { openAiUsage, openAiUsageText } from './openai-usage.ts';
import { parseBody } from './parse.ts';

/** OpenAI Chat Completions (openai-openapi 2.3.0, `createChatCompletion`), whole and streamed. */
export const openAiChat: Dialect = {
  id: 'openai-chat',
  parse,
  whole,
  wholeText,
  openStream,
  error: openAiError,
};

// --- request ---------------------------------------------------------------------------------------------

const maximumTokens = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish();

// Loose on purpose: clients send many fields of their own, and an unknown field is never an error.
const chatBody = z.looseObject({
  model: z.string().min(1).max(5000),
  // Absent only where it came in the shape of Responses.
  messages: messagesField.optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: maximumTokens,
  max_completion_tokens: maximumTokens,
  ...samplingFields,
  stop: stopField,
  n: z.number().int().min(1).max(mostCopies, `at most ${mostCopies} answers to one request`).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  ignore_eos: z.boolean().nullish(),
  ...toolFields,
});
type ChatBody = z.infer<typeof chatBody>;
const fieldNames: ReadonlySet<string> = new Set(Object.keys(chatBody.shape));

function parse(body: unknown): Call {
  const plain = plainChat(body, fieldNames);
  if (plain !== null) return toPlainCall(plain);
  const shape = toChatShape(body);
  const wire = parseBody(chatBody, shape.body);
  refuseWhatWouldMislead(wire);
  const call = toCall(wire, shape.said?.messages ?? spoken(wire));
  return shape.said === null ? call : { ...call, dropped: [...shape.said.dropped, ...call.dropped] };
}

/** What `toCall` makes of a body in which nothing else is said. */
function toPlainCall(wire: PlainChat): Call {
  return {
    request: {
      model: wire.model,
      messages: toPlainMessages(wire.messages),
      maxTokens: wire.max_completion_tokens ?? wire.max_tokens ?? null,
      stop: [],
      cacheScope: null,
      sampling: { ...usualSampling, temperature: wire.temperature ?? null, topP: wire.top_p ?? null },
    },
    stream: wire.stream ?? false,
    includeUsage: false,
    dropped: droppedFields(wire),
  };
}

function toCall(wire: ChatBody, messages: readonly ChatMessage[]): Call {
  const request = toRequest(wire, messages);
  return {
    request,
    ...((wire.n ?? 1) === 1 ? {} : { more: copies(request, wire.n ?? 1) }),
    stream: wire.stream ?? false,
    includeUsage: wire.stream_options?.include_usage ?? false,
    dropped: [...droppedTools(wire), ...droppedFields(wire)],
    ...(isLegacy(wire) ? { usesFunctions: true } : {}),
  };
}

function spoken({ messages }: ChatBody): readonly ChatMessage[] {
  if (messages === undefined) throw invalidRequest("Missing required parameter: 'messages'.", 'messages');
  return toMessages(messages);
}

function toRequest(wire: ChatBody, messages: readonly ChatMessage[]): GenerateRequest {
  const chat = toChatOptions(wire);
  return {
    model: wire.model,
    messages,
    maxTokens: wire.max_completion_tokens ?? wire.max_tokens ?? null,
    stop: toStop(wire.stop),
    cacheScope: null,
    ...(wire.logprobs === true ? { logprobs: wire.top_logprobs ?? 0 } : {}),
    ...(wire.ignore_eos === true ? { ignoreEos: true } : {}),
    sampling: toSampling(wire),
    ...(chat === undefined ? {} : { chat }),
  };
}

/** What we cannot do yet and whose absence would give a wrong answer is refused, not dropped. */
function refuseWhatWouldMislead(wire: ChatBody): void {
  if (wire.logprobs !== true && (wire.top_logprobs ?? 0) > 0) {
    throw invalidRequest('top_logprobs needs logprobs to be true.', 'top_logprobs');
  }
}

/** Fields that change the answer when done; merely descriptive ones (metadata, user, store) are not named. */
function droppedFields(wire: Readonly<Record<string, unknown>>): readonly string[] {
  return ['audio', 'prediction'].filter((name) => {
    const value = wire[name];
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
}

// --- answer ----------------------------------------------------------------------------------------------

function whole(answer: WholeAnswer, call: Call): unknown {
  return {
    id: completionId(answer),
    object: 'chat.completion',
    created: answer.createdSeconds,
    model: answer.model,
    choices: answer.choices.map((choice, index) => ({
      index,
      message: toWireMessage(choice, call),
      logprobs: choice.logprobs === null ? null : chatLogprobs(choice.logprobs),
      finish_reason: finishReason(choice.reason, call),
    })),
    usage: openAiUsage(answer.usage),
  };
}

/** Byte for byte what `whole` makes of it, for a tenth of the properties to be looked at. */
function wholeText(answer: WholeAnswer): string | null {
  const [choice, ...others] = answer.choices;
  if (choice === undefined || others.length > 0 || choice.logprobs !== null) return null;
  if (choice.reasoning !== '' || choice.toolCalls.length > 0 || choice.reason === 'tool_calls') return null;
  const message = `{"role":"assistant","content":${JSON.stringify(choice.text)},"refusal":null,"annotations":[]}`;
  return (
    `{"id":"${completionId(answer)}","object":"chat.completion","created":${answer.createdSeconds},` +
    `"model":${JSON.stringify(answer.model)},"choices":[{"index":0,"message":${message},` +
    `"logprobs":null,"finish_reason":"${choice.reason}"}],"usage":${openAiUsageText(answer.usage)}}`
  );
}

function toWireMessage({ text, reasoning, toolCalls }: WholeChoice, call: Call): unknown {
  const [first] = toolCalls;
  const called = toolCalls.map(({ id, name, arguments: given }) => ({
    id,
    type: 'function',
    function: { name, arguments: given },
  }));
  return {
    role: 'assistant',
    content: text === '' && first !== undefined ? null : text,
    refusal: null,
    annotations: [],
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(first === undefined
      ? {}
      : call.usesFunctions === true
        ? { function_call: { name: first.name, arguments: first.arguments } }
        : { tool_calls: called }),
  };
}

function finishReason(reason: FinishReason, call: Call): string {
  return reason === 'tool_calls' && call.usesFunctions === true ? 'function_call' : reason;
}

function completionId(head: AnswerHead): string {
  return `chatcmpl-${head.requestId.replace('req_', '')}`;
}

/**
 * Frames in the vendor's order: role, deltas, finish, usage if asked for, `[DONE]`. What is the same in every
 * frame is serialised once per stream; per token only the text is escaped.
 */
function openStream(head: AnswerHead, call: Call, choice: number): StreamEncoder {
  const envelope = JSON.stringify({
    id: completionId(head),
    object: 'chat.completion.chunk',
    created: head.createdSeconds,
    model: head.model,
  }).slice(0, -1);
  const usageField = call.includeUsage ? ',"usage":null' : '';
  const before = `data: ${envelope},"choices":[{"index":${choice},"delta":`;
  // What an upstream of the same kind has said is put into our envelope as it is.
  const passesFrames = choice === 0 && call.usesFunctions !== true;
  const envelopeOpened = `data: ${envelope},"choices":[`;
  const envelopeClosed = `]${usageField}}\n\n`;
  const frame = (delta: string, logprobs = 'null', reason = 'null'): string =>
    `${before}${delta},"logprobs":${logprobs},"finish_reason":${reason}}]${usageField}}\n\n`;
  return {
    keepAlive: () => ': keep-alive\n\n',
    fail: (error) => `data: ${JSON.stringify(openAiError(error).body)}\n\n`,
    encode: (part) => {
      switch (part.type) {
        case 'start':
          return frame('{"role":"assistant","content":"","refusal":null}');
        case 'text-delta': {
          if (part.frames?.dialect === 'openai-chat' && passesFrames) {
            return part.frames.choices.map((said) => envelopeOpened + said + envelopeClosed).join('');
          }
          const { text, logprobs = [] } = part;
          if (text === '' && logprobs.length === 0) return '';
          const content = `{"content":${JSON.stringify(text)}}`;
          return frame(content, logprobs.length === 0 ? 'null' : JSON.stringify(chatLogprobs(logprobs)));
        }
        case 'reasoning-delta':
          return frame(`{"reasoning_content":${JSON.stringify(part.text)}}`);
        case 'tool-call-start':
        case 'tool-call-delta':
          return frame(toolDelta(part, call));
        case 'finish':
          return frame('{}', 'null', `"${finishReason(part.reason, call)}"`);
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

/** A call's first delta bears its identity, the others nothing but its place and arguments (clients.md §2.1). */
function toolDelta(part: ToolCallPiece, call: Call): string {
  const isStart = part.type === 'tool-call-start';
  const called = isStart ? { name: part.name, arguments: '' } : { arguments: part.arguments };
  if (call.usesFunctions === true) return JSON.stringify({ function_call: called });
  const identity = isStart ? { id: part.id, type: 'function' } : {};
  return JSON.stringify({ tool_calls: [{ index: part.index, ...identity, function: called }] });
}
