import { createHash } from 'node:crypto';
import type {
  ChatMessage,
  ChatOptions,
  ContentPart,
  GenerateRequest,
  RawPrompt,
  RequestSchema,
  ResponseFormat,
  Sampling,
  Tool,
} from '../core/generate.ts';
import type { Candidate } from './resolve.ts';

/** Whose answers, and who would answer. */
export type AnswerPlace = {
  /** The key's id; null where all keys share their answers. */
  readonly scope: string | null;
  /** Who is asked first: an answer of a fallback is another's. */
  readonly candidate: Candidate;
};

/**
 * Whether the same request would be answered the same: the likeliest token is always taken, or the dice are loaded. The
 * model's own temperature, where a client asks for none, is rarely 0.
 */
export function isRepeatable({ sampling: { temperature, seed } }: GenerateRequest): boolean {
  return temperature === 0 || seed !== null;
}

/**
 * The name of an answer: SHA-256 of everything it depends on, of all the requests whose choices it has. What only says how
 * it is told (stream, dialect, the name the client uses for the model) is not in it. Objects of our own are written in one
 * order; what a client's schema says stays in its own, since answers follow the order of its properties.
 */
export function answerKey(place: AnswerPlace, requests: readonly GenerateRequest[]): string {
  /** Several choices mostly share one conversation: it is read once. */
  const read = new Map<readonly ChatMessage[], string>();
  const messagesOf = ({ messages }: GenerateRequest): string => {
    const known = read.get(messages) ?? digest(messages.map(messageFacts));
    read.set(messages, known);
    return known;
  };
  const facts = requests.map((request) => requestFacts(request, messagesOf(request)));
  return digest(['words', placeFacts(place), facts]);
}

/** The same for a question that has one answer; `asked` is everything that depends on, in its own language. */
export function questionKey(place: AnswerPlace, dialect: string, asked: unknown): string {
  return digest(['question', placeFacts(place), dialect, asked]);
}

/**
 * Another file in the model's place, another address, or other settings: another model. Upstreams tell as the age of a
 * model what their program happens to say, some of them the time of day.
 */
function placeFacts({ scope, candidate: { engine, modelId } }: AnswerPlace): unknown {
  const model = engine.models().find(({ id }) => id === modelId);
  const isFile = model !== undefined && model.source !== 'upstream';
  return [
    scope,
    engine.id,
    modelId,
    model?.path,
    isFile ? [model.sizeBytes, model.modifiedMs] : null,
    model?.settings.slots,
    model?.settings.contextTokens,
  ];
}

/** Every field counts that is not named here; a new one that nobody has thought of does not compile. */
type NotAsked = 'model' | 'cacheScope' | 'replaces' | 'whole' | 'messages';

function requestFacts(request: GenerateRequest, messages: string): unknown {
  const { maxTokens, stop, sampling, raw, logprobs, ignoreEos, chat } = request;
  const facts = {
    maxTokens,
    stop,
    sampling: samplingFacts(sampling),
    raw: raw === undefined ? undefined : rawFacts(raw),
    logprobs,
    ignoreEos,
    chat: chat === undefined ? plainChat : chatFacts(chat),
  } satisfies Record<Exclude<keyof GenerateRequest, NotAsked>, unknown>;
  return { messages, ...facts };
}

function samplingFacts(sampling: Sampling): unknown {
  const { temperature, topP, topK, minP, presencePenalty, frequencyPenalty, seed, logitBias } = sampling;
  // Numbers as names are in ascending order by themselves.
  return {
    temperature,
    topP,
    topK,
    minP,
    presencePenalty,
    frequencyPenalty,
    seed,
    logitBias,
  } satisfies Record<keyof Sampling, unknown>;
}

function rawFacts({ prompt, suffix, echo }: RawPrompt): unknown {
  return { prompt, suffix, echo } satisfies Record<keyof RawPrompt, unknown>;
}

function messageFacts({ role, content, name, toolCalls, toolCallId, reasoning }: ChatMessage): unknown {
  return {
    role,
    content: content.map(contentFacts),
    name,
    toolCalls: toolCalls?.map((call) => [call.id, call.name, call.arguments]),
    toolCallId,
    reasoning,
  } satisfies Record<keyof ChatMessage, unknown>;
}

function contentFacts(part: ContentPart): unknown {
  if (part.type === 'text') return part.text;
  const { type, kind, source, name, detail } = part;
  const from =
    source === undefined ? undefined : source.type === 'url' ? [source.url] : [source.mimeType, source.data];
  return { type, kind, source: from, name, detail } satisfies Record<keyof typeof part, unknown>;
}

function chatFacts(chat: ChatOptions): unknown {
  const { responseFormat, tools, toolChoice, parallelToolCalls, reasoningEffort } = chat;
  const { mostReasoningTokens, templateArguments } = chat;
  return {
    responseFormat: formatFacts(responseFormat),
    tools: tools.map(toolFacts),
    toolChoice,
    parallelToolCalls,
    reasoningEffort,
    mostReasoningTokens,
    templateArguments,
  } satisfies Record<keyof ChatOptions, unknown>;
}

/** What a request without these options asks for. */
const plainChat = chatFacts({
  responseFormat: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  reasoningEffort: null,
  templateArguments: {},
});

function formatFacts(format: ResponseFormat): unknown {
  return format.type === 'json-schema' ? [format.type, schemaFacts(format)] : [format.type];
}

function toolFacts({ name, description, parameters, isStrict }: Tool): unknown {
  return {
    name,
    description,
    parameters: parameters === null ? null : schemaFacts(parameters),
    isStrict,
  } satisfies Record<keyof Tool, unknown>;
}

/** Where it stood in the body is for messages about it. */
function schemaFacts({ schema }: RequestSchema): unknown {
  return schema;
}

/** `undefined` is left out of objects, so that what is absent and what is undefined are the same. */
function digest(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url');
}
