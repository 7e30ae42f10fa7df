import type { AppError } from '../core/errors.ts';
import type { Usage } from '../core/generate.ts';
import type { AnswerHead } from './dialect.ts';
import type {
  CustomCallItem,
  FunctionCallItem,
  Item,
  MessageItem,
  ReasoningItem,
} from './openai-responses-items.ts';
import type { ResponsesBody, Understood } from './openai-responses-request.ts';

/** The response object (openai-openapi 2.3.0, `Response`; and what Open Responses' `ResponseResource` wants besides). */

export type OutputItem = MessageItem | FunctionCallItem | CustomCallItem | ReasoningItem;

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** As it is sent and kept; what only repeats the request is not named here. */
export type ResponseObject = {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly completed_at: number | null;
  readonly status: ResponseStatus;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: 'max_output_tokens' } | null;
  readonly model: string;
  readonly output: readonly OutputItem[];
  readonly usage: unknown;
  /** Whether it can be asked for later. */
  readonly store: boolean;
  readonly [field: string]: unknown;
};

/** A response and everything it was given on, as it is kept. */
export type StoredResponse = { readonly response: ResponseObject; readonly input: readonly Item[] };

/** What changes while a response comes about. */
export type Progress = {
  readonly status: ResponseStatus;
  readonly output: readonly OutputItem[];
  readonly usage: Usage;
  readonly completedSeconds: number | null;
  readonly store: boolean;
  readonly error: AppError | null;
};

/** What stays the same while a response comes about. */
export type Frame = {
  readonly id: string;
  readonly head: AnswerHead;
  readonly wire: ResponsesBody;
  readonly echo: Understood['echo'];
};

export function responseObject({ id, head, wire, echo }: Frame, progress: Progress): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: head.createdSeconds,
    completed_at: progress.completedSeconds,
    status: progress.status,
    background: false,
    error: progress.error === null ? null : responseError(progress.error),
    incomplete_details: progress.status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: wire.instructions ?? null,
    max_output_tokens: wire.max_output_tokens ?? null,
    max_tool_calls: wire.max_tool_calls ?? null,
    model: head.model,
    output: progress.output,
    parallel_tool_calls: wire.parallel_tool_calls ?? true,
    previous_response_id: wire.previous_response_id ?? null,
    conversation: null,
    reasoning: {
      effort: wire.reasoning?.effort ?? null,
      summary: wire.reasoning?.summary ?? wire.reasoning?.generate_summary ?? null,
    },
    store: progress.store,
    // The defaults are OpenAI's, and ours.
    temperature: wire.temperature ?? 1,
    top_p: wire.top_p ?? 1,
    presence_penalty: wire.presence_penalty ?? 0,
    frequency_penalty: wire.frequency_penalty ?? 0,
    top_logprobs: wire.top_logprobs ?? 0,
    text: { format: echoFormat(wire.text?.format), verbosity: wire.text?.verbosity ?? 'medium' },
    tool_choice: echo.toolChoice,
    tools: echo.tools,
    // Nothing is ever cut out of a conversation here.
    truncation: 'disabled',
    service_tier: 'default',
    safety_identifier: wire.safety_identifier ?? null,
    prompt_cache_key: wire.prompt_cache_key ?? null,
    ...(wire.user ? { user: wire.user } : {}),
    metadata: wire.metadata ?? {},
    usage: responseUsage(progress.usage),
  };
}

function echoFormat(format: NonNullable<ResponsesBody['text']>['format']): unknown {
  if (format?.type !== 'json_schema') return { type: format?.type ?? 'text' };
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    name: name ?? 'response',
    ...(description ? { description } : {}),
    schema,
    strict: strict ?? false,
  };
}

/** openai-openapi 2.3.0, `ResponseUsage`. */
function responseUsage(usage: Usage): unknown {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: 0 },
    output_tokens: usage.completionTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}

/** Not in the vendor's list of codes, but sent by the vendor and understood by Codex (clients.md §3.12). */
const codesBesides = ['context_length_exceeded', 'insufficient_quota'];

function responseError(error: AppError): { code: string; message: string } {
  const { code, status, message } = error;
  if (codesBesides.includes(code)) return { code, message };
  if (status === 429) return { code: 'rate_limit_exceeded', message };
  return { code: status < 500 ? 'invalid_prompt' : 'server_error', message };
}
