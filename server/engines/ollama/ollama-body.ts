import { AppError, invalidRequest } from '../../core/errors.ts';
import type {
  ChatMessage,
  ChatOptions,
  GenerateRequest,
  MediaContent,
  ReasoningEffort,
  Tool,
} from '../../core/generate.ts';
import { wireTool } from '../openai/chat-body.ts';

export type OllamaBodyOptions = {
  readonly contextTokens: number;
  readonly capabilities: readonly string[];
  readonly family: string;
};

/** `POST /api/chat`. The context size is really asked for, and nothing is ever cut in silence. */
export function ollamaChat(request: GenerateRequest, options: OllamaBodyOptions): Record<string, unknown> {
  const { chat } = request;
  const forced = forcedTools(chat);
  const tools = forced === null && chat?.toolChoice !== 'none' ? (chat?.tools ?? []) : [];
  const messages = request.messages.map((message, index) =>
    wireMessage(message, request.messages.slice(0, index)),
  );
  return {
    model: request.model,
    messages: forced === null ? messages : [...messages, instruction(forced)],
    ...(tools.length === 0 ? {} : { tools: tools.map(wireTool) }),
    ...format(chat, forced),
    ...think(chat?.reasoningEffort ?? null, options),
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs }),
    ...shared(request, options),
  };
}

/** `POST /api/generate`: a prompt as it is, or the middle by the model's own template for that. */
export function ollamaGenerate(
  request: GenerateRequest,
  options: OllamaBodyOptions,
): Record<string, unknown> {
  const { raw } = request;
  if (typeof raw?.prompt !== 'string') {
    throw invalidRequest('Ollama takes prompts as text, not as tokens.', 'prompt');
  }
  if (raw.suffix !== null && !options.capabilities.includes('insert')) {
    throw new AppError('This model cannot fill in the middle. Leave suffix out.', {
      status: 400,
      code: 'unsupported_parameter',
      param: 'suffix',
      retryable: false,
    });
  }
  return {
    model: request.model,
    prompt: raw.prompt,
    ...(raw.suffix === null ? { raw: true } : { suffix: raw.suffix }),
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs }),
    ...shared(request, options),
  };
}

/** What is asked for and Ollama has no word for. */
export function unknownToOllama({ sampling, ignoreEos, chat }: GenerateRequest): readonly string[] {
  return [
    ...(Object.keys(sampling.logitBias).length > 0 ? ['logit_bias'] : []),
    ...(ignoreEos === true ? ['ignore_eos'] : []),
    ...(Object.keys(chat?.templateArguments ?? {}).length > 0 ? ['chat_template_kwargs'] : []),
    ...(chat?.parallelToolCalls === false && chat.tools.length > 0 ? ['parallel_tool_calls'] : []),
  ];
}

function shared(
  { maxTokens, stop, sampling }: GenerateRequest,
  { contextTokens }: OllamaBodyOptions,
): Record<string, unknown> {
  const wanted: Record<string, unknown> = {
    num_ctx: contextTokens,
    num_predict: maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    // Go's int of 32 bits would wrap.
    seed: sampling.seed === null ? null : sampling.seed & 0x7fff_ffff,
    stop: stop.length === 0 ? null : stop,
  };
  return {
    stream: true,
    // Too long is an error (400), not a shorter conversation.
    truncate: false,
    shift: false,
    options: Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== null)),
  };
}

/** Levels where the model knows them, else whether at all; nothing for those that cannot. */
function think(
  effort: ReasoningEffort | null,
  { capabilities, family }: OllamaBodyOptions,
): Record<string, unknown> {
  if (effort === null || !capabilities.includes('thinking')) return {};
  if (effort !== 'none' && !/gpt-?oss/u.test(family)) return { think: true };
  switch (effort) {
    case 'none':
      return { think: false };
    case 'minimal':
    case 'low':
      return { think: 'low' };
    case 'medium':
      return { think: 'medium' };
    case 'high':
    case 'xhigh':
      return { think: 'high' };
  }
}

// --- tools that must be called ---------------------------------------------------------------------------------

/** Ollama has no `tool_choice`; those of which one must be called, or null where the model may choose. */
export function forcedTools(chat: ChatOptions | undefined): readonly Tool[] | null {
  const choice = chat?.toolChoice ?? 'auto';
  if (chat === undefined || choice === 'auto' || choice === 'none') return null;
  return choice === 'required' ? chat.tools : chat.tools.filter(({ name }) => name === choice.name);
}

/** The answer is held to the call's form by a schema; `ollama-answer` reads it back. */
function format(chat: ChatOptions | undefined, forced: readonly Tool[] | null): Record<string, unknown> {
  if (forced !== null) return { format: { anyOf: forced.map(callSchema) } };
  switch (chat?.responseFormat.type) {
    case 'json':
      return { format: 'json' };
    case 'json-schema':
      return { format: chat.responseFormat.schema };
    case 'text':
    case undefined:
      return {};
  }
}

function callSchema({ name, parameters }: Tool): unknown {
  return {
    type: 'object',
    properties: { name: { const: name }, arguments: parameters?.schema ?? { type: 'object' } },
    required: ['name', 'arguments'],
    additionalProperties: false,
  };
}

function instruction(forced: readonly Tool[]): Record<string, unknown> {
  const list = forced.map((tool) => JSON.stringify(wireTool(tool))).join('\n');
  return {
    role: 'system',
    content: `Call one of these functions now. Answer with nothing but JSON: {"name": …, "arguments": {…}}.\n${list}`,
  };
}

// --- messages --------------------------------------------------------------------------------------------------

function wireMessage(message: ChatMessage, before: readonly ChatMessage[]): Record<string, unknown> {
  const { role, content, toolCalls = [], toolCallId, reasoning } = message;
  const media = content.filter((part) => part.type === 'media');
  const answered = toolCallId === undefined ? null : calledName(toolCallId, before);
  return {
    role,
    content: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    ...(media.length === 0 ? {} : { images: media.map(imageData) }),
    ...(reasoning === undefined ? {} : { thinking: reasoning }),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map(({ id, name, arguments: given }) => ({
            id,
            function: { name, arguments: argumentsOf(given) },
          })),
        }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(answered === null ? {} : { tool_name: answered }),
  };
}

function calledName(id: string, before: readonly ChatMessage[]): string | null {
  for (const { toolCalls = [] } of before.toReversed()) {
    const call = toolCalls.find((candidate) => candidate.id === id);
    if (call !== undefined) return call.name;
  }
  return null;
}

/** Ollama wants the object; what a model once wrote may be none. */
function argumentsOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

function imageData({ kind, source }: MediaContent): string {
  if (kind === 'image' && source?.type === 'base64') return source.data;
  throw new AppError('Ollama takes text and images only.', {
    status: 400,
    code: 'unsupported_media',
    param: 'messages',
    retryable: false,
  });
}
