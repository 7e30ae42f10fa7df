import type { FinishReason, ToolCall, Usage } from '../core/generate.ts';
import type { AnswerHead, Call, WholeAnswer, WholeChoice } from './dialect.ts';

/** What whole and streamed answers of Anthropic's language share (@anthropic-ai/sdk 1.12, `Message`). */

/** Of a message before its content is known; every field of the vendor's type is there. */
export function messageHead(head: AnswerHead): Readonly<Record<string, unknown>> {
  return {
    id: head.requestId.replace('req_', 'msg_'),
    type: 'message',
    role: 'assistant',
    model: head.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
}

export function toMessage(answer: WholeAnswer, { request }: Call): unknown {
  const [choice] = answer.choices;
  return {
    ...messageHead(answer),
    content: choice === undefined ? [] : toBlocks(choice),
    ...(choice === undefined ? {} : stopFields({ ...choice, usage: answer.usage }, request.maxTokens)),
    usage: fullUsage(answer.usage),
  };
}

function toBlocks({ reasoning, text, toolCalls }: WholeChoice): unknown[] {
  return [
    ...(reasoning === '' ? [] : [{ type: 'thinking', thinking: reasoning, signature }]),
    ...(text === '' ? [] : [{ type: 'text', text, citations: null }]),
    ...toolCalls.map((call) => toolUse(call, toInput(call.arguments))),
  ];
}

/** Clients only ask that it is there; it is taken back unread. */
export const signature = 'aW5nbGVub29r';

export function toolUse({ id, name }: Pick<ToolCall, 'id' | 'name'>, input: unknown): unknown {
  return { type: 'tool_use', id: toolUseId(id), name, input, caller: { type: 'direct' } };
}

function toolUseId(id: string): string {
  return id.startsWith('toolu_') ? id : `toolu_${id.replace(/^call_/, '')}`;
}

/** An object always; what is none, for instance a text cut off by max_tokens, is kept under one name. */
function toInput(given: string): unknown {
  if (given === '') return {};
  try {
    const value: unknown = JSON.parse(given);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told as it is.
  }
  return { arguments: given };
}

type Ending = { readonly reason: FinishReason; readonly stopSequence?: string; readonly usage: Usage };

export function stopFields(
  { reason, stopSequence, usage }: Ending,
  maxTokens: number | null,
): { stop_reason: string; stop_sequence: string | null } {
  switch (reason) {
    case 'tool_calls':
      return { stop_reason: 'tool_use', stop_sequence: null };
    case 'stop':
      return stopSequence === undefined
        ? { stop_reason: 'end_turn', stop_sequence: null }
        : { stop_reason: 'stop_sequence', stop_sequence: stopSequence };
    case 'length': {
      const isContextFull = maxTokens !== null && usage.completionTokens < maxTokens;
      return {
        stop_reason: isContextFull ? 'model_context_window_exceeded' : 'max_tokens',
        stop_sequence: null,
      };
    }
  }
}

/** `input_tokens` are those that were read anew; the cached ones stand beside them, as the vendor counts. */
export function deltaUsage(usage: Usage): Readonly<Record<string, unknown>> {
  return {
    input_tokens: usage.promptTokens - usage.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cachedTokens,
    output_tokens: usage.completionTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens ?? 0 },
    server_tool_use: null,
  };
}

export function fullUsage(usage: Usage): Readonly<Record<string, unknown>> {
  return {
    ...deltaUsage(usage),
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    inference_geo: null,
    service_tier: 'standard',
    speed: null,
  };
}
