import { z } from 'zod';
import { AppError, invalidRequest } from '../core/errors.ts';
import type { ChatOptions, GenerateRequest, ResponseFormat } from '../core/generate.ts';
import type { Call } from './dialect.ts';
import { inputField, readInput, type InputEntry, type Item } from './openai-responses-items.ts';
import { instructionMessages, itemsToMessages, type OpenThought } from './openai-responses-messages.ts';
import {
  chooseTools,
  readTools,
  toolChoiceField,
  toolsField,
  type OfferedTool,
} from './openai-responses-tools.ts';
import { samplingFields, stopField, toSampling, toStop } from './openai-sampling.ts';
import { parseBody } from './parse.ts';

/** Requests for OpenAI's Responses (openai-openapi 2.3.0, `CreateResponse`, `TokenCountsBody`). */

const shortText = z.string().max(512);

// Loose on purpose: clients send many fields of their own, and an unknown field is never an error.
const responsesBody = z.looseObject({
  model: z.string().min(1).max(5000),
  input: inputField,
  instructions: z.string().nullish(),
  previous_response_id: z.string().max(1000).nullish(),
  tools: toolsField,
  tool_choice: toolChoiceField,
  parallel_tool_calls: z.boolean().nullish(),
  max_tool_calls: z.number().int().nullish(),
  text: z
    .looseObject({
      format: z
        .looseObject({
          type: z.string().max(200),
          name: shortText.nullish(),
          description: z.string().nullish(),
          schema: z.unknown().optional(),
          strict: z.boolean().nullish(),
        })
        .nullish(),
      verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    })
    .nullish(),
  reasoning: z
    .looseObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  include: z.array(z.string()).max(100).nullish(),
  max_output_tokens: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullish(),
  ...samplingFields,
  stop: stopField,
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: z.record(z.string().max(64), shortText).nullish(),
  // What only describes is repeated where it can be, and never a reason to refuse.
  user: z.string().max(1000).nullish().catch(null),
  safety_identifier: z.string().max(64).nullish().catch(null),
  prompt_cache_key: z.string().max(1000).nullish().catch(null),
});
export type ResponsesBody = z.infer<typeof responsesBody>;

/** A request as far as it can be read without knowing what was said before. */
export type Asked = {
  readonly wire: ResponsesBody;
  readonly responseId: string;
  readonly entries: readonly InputEntry[];
};

/** Throws an AppError (400) that names the field. */
export function readResponses(body: unknown, responseId: string): Asked {
  const asked = readTokenCount(body, responseId);
  refuseWhatCannotBeAnswered(asked.wire);
  return asked;
}

/** The same for a question about its length, which may be about nothing. */
export function readTokenCount(body: unknown, responseId: string): Asked {
  const wire = parseBody(responsesBody, body);
  for (const name of ['prompt', 'conversation']) {
    if (wire[name] === undefined || wire[name] === null) continue;
    throw invalidRequest(
      `This server keeps no ${name}s: send the text in instructions and input, or use previous_response_id.`,
      name,
    );
  }
  return { wire, responseId, entries: readInput(wire.input, responseId) };
}

function refuseWhatCannotBeAnswered(wire: ResponsesBody): void {
  if (wire.background === true) {
    throw invalidRequest(
      'This server answers at once and does nothing in the background: leave background out, and use stream.',
      'background',
    );
  }
  const hasInput = (wire.input ?? '').length > 0;
  if (!hasInput && !wire.previous_response_id && !wire.instructions) {
    throw invalidRequest('There is no input: send a text or a list of items.', 'input');
  }
}

/** What was said before, as the caller has found it. */
export type Known = {
  /** Input and output of the response that this one continues, oldest first. */
  readonly history: readonly Item[];
  /** Items that are only named, by their id. */
  readonly referenced: ReadonlyMap<string, Item>;
  readonly openThought: OpenThought;
};

export type Understood = {
  readonly call: Call;
  /** Everything the answer is given on, what was said before included. */
  readonly input: readonly Item[];
  readonly offered: ReadonlyMap<string, OfferedTool>;
  readonly echo: { readonly tools: readonly unknown[]; readonly toolChoice: unknown };
};

/** Throws an AppError: 400 that names the field, 404 for an item that nobody knows. */
export function understand({ wire, entries }: Asked, known: Known): Understood {
  const input = [...known.history, ...resolve(entries, known)];
  const table = readTools(
    wire.tools,
    entries.flatMap((entry) => (entry.kind === 'tools' ? entry.tools : [])),
  );
  const chosen = chooseTools(wire.tool_choice, table);
  const chat: ChatOptions = {
    responseFormat: toResponseFormat(wire.text?.format),
    tools: chosen.tools,
    toolChoice: chosen.choice,
    parallelToolCalls: wire.parallel_tool_calls ?? true,
    reasoningEffort: toEffort(wire),
    templateArguments: {},
  };
  const request = toRequest(wire, input, { chat, openThought: known.openThought });
  const unknown = entries.flatMap((entry) => (entry.kind === 'unknown' ? [`input.${entry.type}`] : []));
  return {
    input,
    offered: table.offered,
    echo: { tools: table.echo, toolChoice: chosen.echo },
    call: {
      request,
      stream: wire.stream ?? false,
      includeUsage: true,
      dropped: [...new Set([...table.dropped, ...chosen.dropped, ...unknown, ...droppedFields(wire)])],
    },
  };
}

function toRequest(
  wire: ResponsesBody,
  input: readonly Item[],
  { chat, openThought }: { readonly chat: ChatOptions; readonly openThought: OpenThought },
): GenerateRequest {
  const isPlain =
    chat.responseFormat.type === 'text' && chat.tools.length === 0 && chat.reasoningEffort === null;
  return {
    model: wire.model,
    messages: [...instructionMessages(wire.instructions), ...itemsToMessages(input, openThought)],
    maxTokens: wire.max_output_tokens ?? null,
    stop: toStop(wire.stop),
    sampling: toSampling(wire),
    cacheScope: null,
    ...(wantsLogprobs(wire) ? { logprobs: wire.top_logprobs ?? 0 } : {}),
    ...(isPlain ? {} : { chat }),
  };
}

function wantsLogprobs({ include, top_logprobs: top }: ResponsesBody): boolean {
  return (top ?? 0) > 0 || (include ?? []).includes('message.output_text.logprobs');
}

function resolve(entries: readonly InputEntry[], { history, referenced }: Known): readonly Item[] {
  const near = new Map(history.map((item) => [item.id, item]));
  const items: Item[] = [];
  for (const entry of entries) {
    if (entry.kind === 'item') {
      near.set(entry.item.id, entry.item);
      items.push(entry.item);
    }
    if (entry.kind !== 'reference') continue;
    const item = near.get(entry.id) ?? referenced.get(entry.id);
    if (item === undefined) throw itemNotFound(entry.id, entry.path);
    // What the history holds already is only pointed at.
    if (!items.includes(item) && !history.includes(item)) items.push(item);
  }
  return items;
}

function itemNotFound(id: string, path: string): AppError {
  return new AppError(
    `Item with id '${id.slice(0, 200)}' not found. Items are not kept when \`store\` is false, and no longer than the owner has set. Send the item itself.`,
    { status: 404, code: 'item_not_found', param: path, retryable: false },
  );
}

function toResponseFormat(wire: NonNullable<ResponsesBody['text']>['format']): ResponseFormat {
  const param = 'text.format';
  switch (wire?.type ?? 'text') {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const schema = wire?.schema;
      if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
        throw invalidRequest("A text.format of type 'json_schema' needs a schema.", param);
      }
      return { type: 'json-schema', schema, path: 'text.format.schema', param };
    }
    default:
      throw invalidRequest(
        `The text.format '${wire?.type.slice(0, 50)}' is not known; use text, json_object or json_schema.`,
        param,
      );
  }
}

function toEffort({ reasoning }: ResponsesBody): ChatOptions['reasoningEffort'] {
  return reasoning?.effort === 'max' ? 'xhigh' : (reasoning?.effort ?? null);
}

/** Fields that would change the answer; merely descriptive ones are not named. */
function droppedFields(wire: ResponsesBody): readonly string[] {
  const isSet = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  return [
    ...['context_management', 'moderation'].filter((name) => isSet(wire[name])),
    ...(wire.truncation === 'auto' ? ['truncation'] : []),
    ...((wire.text?.verbosity ?? 'medium') === 'medium' ? [] : ['text.verbosity']),
  ];
}
