import { createHmac, randomBytes } from 'node:crypto';
import { AppError, invalidRequest } from '../../core/errors.ts';
import type {
  ChatMessage,
  ChatOptions,
  ContentPart,
  GenerateRequest,
  MediaContent,
  ResponseFormat,
  Sampling,
  Tool,
  ToolChoice,
} from '../../core/generate.ts';
import type { Preset } from './presets.ts';

/** A request of ours in OpenAI's chat language (openai-openapi 2.3.0, `createChatCompletion`), as a stream unless it is `whole`. */
export function chatBody(
  request: GenerateRequest,
  preset: Preset,
  isVendor: boolean,
): Record<string, unknown> {
  return {
    model: request.model,
    messages: request.messages.map((message) => wireMessage(message, preset)),
    // OpenAI's reasoning models refuse the older name, most other servers know no other.
    ...limit(isVendor ? 'max_completion_tokens' : 'max_tokens', request.maxTokens),
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs }),
    ...(request.chat === undefined ? {} : chatOptions(request.chat, preset)),
    ...shared(request, preset),
  };
}

/** The same for a prompt as it is (`createCompletion`). */
export function completionBody(request: GenerateRequest, preset: Preset): Record<string, unknown> {
  const { raw } = request;
  if (raw === undefined) throw new Error('this request has no prompt of its own');
  if (raw.suffix !== null && preset.fillsMiddle !== 'suffix') throw cannotFill();
  return {
    model: request.model,
    prompt: raw.prompt,
    ...(raw.suffix === null ? {} : { suffix: raw.suffix }),
    ...limit('max_tokens', request.maxTokens),
    ...(request.logprobs === undefined ? {} : { logprobs: request.logprobs }),
    ...shared(request, preset),
  };
}

/** llama-server's own route for the middle (its README, `POST /infill`). */
export function infillBody(request: GenerateRequest, preset: Preset): Record<string, unknown> {
  const { raw } = request;
  if (typeof raw?.prompt !== 'string')
    throw invalidRequest('The middle is filled between texts only.', 'prompt');
  return {
    input_prefix: raw.prompt,
    input_suffix: raw.suffix ?? '',
    ...limit('n_predict', request.maxTokens),
    ...shared(request, preset),
    stream_options: undefined,
  };
}

function cannotFill(): AppError {
  return new AppError(
    'The server behind this model cannot fill in the middle. Leave suffix out, or write the model’s own tokens for that into the prompt.',
    { status: 400, code: 'unsupported_parameter', param: 'suffix', retryable: false },
  );
}

function shared(request: GenerateRequest, preset: Preset): Record<string, unknown> {
  return {
    // One that is asked for in one piece tells its usage anyway.
    ...(request.whole === true
      ? { stream: false }
      : { stream: true, stream_options: { include_usage: true } }),
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
    ...sampling(request.sampling, preset),
    ...(request.ignoreEos === true && preset.takesExtras ? { ignore_eos: true } : {}),
  };
}

function limit(name: string, tokens: number | null): Record<string, number> {
  return tokens === null ? {} : { [name]: tokens };
}

function sampling(wanted: Sampling, { takesExtras }: Preset): Record<string, unknown> {
  // What is undefined is not written into the JSON.
  return {
    temperature: wanted.temperature ?? undefined,
    top_p: wanted.topP ?? undefined,
    presence_penalty: wanted.presencePenalty ?? undefined,
    frequency_penalty: wanted.frequencyPenalty ?? undefined,
    seed: wanted.seed ?? undefined,
    top_k: (takesExtras ? wanted.topK : null) ?? undefined,
    min_p: (takesExtras ? wanted.minP : null) ?? undefined,
    logit_bias: Object.keys(wanted.logitBias).length === 0 ? undefined : wanted.logitBias,
  };
}

function chatOptions(chat: ChatOptions, { takesExtras }: Preset): Record<string, unknown> {
  const { tools, toolChoice, parallelToolCalls, reasoningEffort, templateArguments } = chat;
  return {
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(wireTool),
          tool_choice: wireChoice(toolChoice),
          // Told only where it is not what is usual: some servers know the field as an error.
          ...(parallelToolCalls ? {} : { parallel_tool_calls: false }),
        }),
    ...wireFormat(chat.responseFormat),
    ...(reasoningEffort === null ? {} : { reasoning_effort: reasoningEffort }),
    ...(takesExtras && Object.keys(templateArguments).length > 0
      ? { chat_template_kwargs: templateArguments }
      : {}),
  };
}

export function wireTool({ name, description, parameters, isStrict }: Tool): unknown {
  return {
    type: 'function',
    function: {
      name,
      ...(description === null ? {} : { description }),
      ...(parameters === null ? {} : { parameters: parameters.schema }),
      ...(isStrict ? { strict: true } : {}),
    },
  };
}

function wireChoice(choice: ToolChoice): unknown {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function wireFormat(format: ResponseFormat): Record<string, unknown> {
  switch (format.type) {
    case 'text':
      return {};
    case 'json':
      return { response_format: { type: 'json_object' } };
    case 'json-schema':
      return {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', strict: true, schema: format.schema },
        },
      };
  }
}

// --- messages ------------------------------------------------------------------------------------------------

function wireMessage(message: ChatMessage, { takesExtras }: Preset): Record<string, unknown> {
  const { role, name, toolCalls = [], toolCallId, reasoning } = message;
  return {
    role,
    content: wireContent(message),
    ...(name === undefined ? {} : { name }),
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map(({ id, name: called, arguments: given }) => ({
            id,
            type: 'function',
            function: { name: called, arguments: given },
          })),
        }),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(reasoning === undefined || !takesExtras ? {} : { reasoning_content: reasoning }),
  };
}

/** One text is sent as text: templates of many models know nothing else. */
function wireContent({ role, content, toolCalls = [] }: ChatMessage): unknown {
  if (content.length === 0) return role === 'assistant' && toolCalls.length > 0 ? null : '';
  if (content.every((part) => part.type === 'text')) {
    return content.length === 1 || role !== 'user'
      ? content.map(({ text }) => text).join('')
      : content.map(wirePart);
  }
  return content.map(wirePart);
}

function wirePart(part: ContentPart): unknown {
  return part.type === 'text' ? { type: 'text', text: part.text } : wireMedia(part);
}

function wireMedia(media: MediaContent): unknown {
  const { kind, source, name, detail } = media;
  if (source?.type !== 'base64') {
    throw invalidRequest('Only the vendor’s own servers hold this file; send it as data.', 'messages');
  }
  const address = `data:${source.mimeType};base64,${source.data}`;
  switch (kind) {
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: address, ...(detail === undefined || detail === 'original' ? {} : { detail }) },
      };
    case 'audio':
      return {
        type: 'input_audio',
        input_audio: { data: source.data, format: source.mimeType.replace(/^audio\/(?:x-)?/u, '') },
      };
    case 'file':
      return {
        type: 'file',
        file: { file_data: address, ...(name === undefined ? {} : { filename: name }) },
      };
  }
}

// --- what the ones behind it keep prefixes by ------------------------------------------------------------------

/** So much of a conversation's beginning makes its routing key: its system prompt and the first question. */
const mostKeyCharacters = 4096;

/**
 * Who may share computed prefixes, without telling whose key it is. Null shares with nobody, so each request has one of
 * its own.
 */
export function cacheSalt(scope: string | null, secret: string): string {
  if (scope === null) return randomBytes(24).toString('base64url');
  return createHmac('sha256', secret).update(`cache ${scope}`).digest('base64url');
}

/** The same for every turn of one conversation of one key: its beginning does not change. */
export function routingKey({ model, cacheScope, messages, raw }: GenerateRequest, secret: string): string {
  const hash = createHmac('sha256', secret).update(`route ${model} ${cacheScope ?? ''}`);
  if (raw !== undefined) hash.update(String(raw.prompt).slice(0, mostKeyCharacters));
  const firstQuestion = messages.findIndex(({ role }) => role === 'user');
  for (const { content } of messages.slice(0, firstQuestion + 1)) {
    for (const part of content) if (part.type === 'text') hash.update(part.text.slice(0, mostKeyCharacters));
  }
  return hash.digest('base64url').slice(0, 32);
}
