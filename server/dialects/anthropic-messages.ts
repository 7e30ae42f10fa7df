import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import { usualSampling, type ChatMessage, type GenerateRequest } from '../core/generate.ts';
import { toMessage } from './anthropic-answer.ts';
import { messagesField, systemField, toConversation } from './anthropic-content.ts';
import { anthropicError } from './anthropic-errors.ts';
import { droppedTools, optionFields, toChatOptions } from './anthropic-options.ts';
import { openStream } from './anthropic-stream.ts';
import type { AskCall, AskDialect, Call, Dialect } from './dialect.ts';
import { parseBody } from './parse.ts';

/** Anthropic's Messages (@anthropic-ai/sdk 1.12, `POST /v1/messages`), whole and streamed. */
export const anthropicMessages: Dialect = {
  id: 'anthropic-messages',
  parse,
  whole: toMessage,
  openStream,
  error: anthropicError,
};

/** `POST /v1/messages/count_tokens`: what the prompt would have, by the model's own template and tokens. */
export const anthropicCountTokens: AskDialect = {
  id: 'anthropic-count-tokens',
  parseAsk,
  error: anthropicError,
};

// Loose on purpose: cache_control, metadata, container, context_management … say nothing to a local model.
const promptFields = {
  model: z.string().min(1).max(5000),
  system: systemField,
  messages: messagesField,
  ...optionFields,
};
const countBody = z.looseObject(promptFields);

const messagesBody = z.looseObject({
  ...promptFields,
  max_tokens: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string().max(1000)).max(8192).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
});
type Prompt = z.infer<typeof countBody>;

function parse(body: unknown): Call {
  const wire = parseBody(messagesBody, body);
  const { prompt, dropped } = toPrompt(wire);
  refusePrefill(prompt.messages);
  return {
    request: {
      ...prompt,
      maxTokens: wire.max_tokens,
      stop: (wire.stop_sequences ?? []).filter((stop) => stop !== ''),
      sampling: {
        ...prompt.sampling,
        temperature: wire.temperature ?? null,
        topP: wire.top_p ?? null,
        topK: wire.top_k ?? null,
      },
    },
    stream: wire.stream ?? false,
    includeUsage: true,
    dropped,
  };
}

function parseAsk(body: unknown): AskCall {
  const wire = parseBody(countBody, body);
  const { prompt, dropped } = toPrompt(wire);
  return {
    model: wire.model,
    task: 'generate',
    needsSlot: false,
    dropped,
    async ask(engine, model, signal) {
      const tokens = await engine.countTokens({ ...prompt, model }, signal);
      // Counted only, so the log counts none of them as used.
      return { promptTokens: 0, body: { input_tokens: tokens } };
    },
  };
}

function toPrompt(wire: Prompt): { prompt: GenerateRequest; dropped: readonly string[] } {
  const { messages, dropped } = toConversation(wire.system, wire.messages);
  const chat = toChatOptions(wire);
  return {
    dropped: [...droppedTools(wire), ...dropped],
    prompt: {
      model: wire.model,
      messages,
      maxTokens: null,
      stop: [],
      cacheScope: null,
      sampling: usualSampling,
      ...(chat === undefined ? {} : { chat }),
    },
  };
}

/** An answer that begins anew where its beginning was given would be put together wrongly; the vendor's own words. */
function refusePrefill(messages: readonly ChatMessage[]): void {
  if (messages.findLast(({ role }) => role !== 'system')?.role !== 'assistant') return;
  throw invalidRequest(
    'This model does not support assistant message prefill. The conversation must end with a user message.',
    'messages',
  );
}
