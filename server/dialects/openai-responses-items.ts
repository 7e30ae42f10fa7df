import { z } from 'zod';
import { toMediaPart } from './openai-media.ts';
import { parseBody } from './parse.ts';

/**
 * The items of OpenAI's Responses (openai-openapi 2.3.0, `InputItem`, `OutputItem`, `ItemResource`), of the kinds that
 * we have, in one complete form: what a client may leave out is filled in when they are read.
 */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** A part of a message or of a tool's output, with whatever else it bears (an image's address). */
export type ContentPiece = {
  readonly type: string;
  readonly text?: string | undefined;
  readonly [field: string]: unknown;
};

export type MessageItem = {
  readonly type: 'message';
  readonly id: string;
  readonly status: ItemStatus;
  readonly role: 'user' | 'assistant' | 'system' | 'developer';
  readonly content: readonly ContentPiece[];
};
export type FunctionCallItem = {
  readonly type: 'function_call';
  readonly id: string;
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  /** The group of tools that it was offered in. */
  readonly namespace?: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
};
export type CustomCallItem = {
  readonly type: 'custom_tool_call';
  readonly id: string;
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  /** Free text. */
  readonly input: string;
};
export type CallOutputItem = {
  readonly type: 'function_call_output' | 'custom_tool_call_output';
  readonly id: string;
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly output: string | readonly ContentPiece[];
};
export type ReasoningItem = {
  readonly type: 'reasoning';
  readonly id: string;
  readonly status: ItemStatus;
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  readonly content?: readonly { readonly type: 'reasoning_text'; readonly text: string }[];
  readonly encrypted_content?: string | null;
};

export type Item = MessageItem | FunctionCallItem | CustomCallItem | CallOutputItem | ReasoningItem;

/** What an entry of `input` turned out to be. */
export type InputEntry =
  | { readonly kind: 'item'; readonly item: Item }
  /** An item that the client has seen before and only names. */
  | { readonly kind: 'reference'; readonly id: string; readonly path: string }
  | { readonly kind: 'tools'; readonly tools: readonly unknown[] }
  /** Of a tool that we do not have. */
  | { readonly kind: 'unknown'; readonly type: string };

// --- ids ---------------------------------------------------------------------------------------------------

const prefixes: Readonly<Record<Item['type'], string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
  reasoning: 'rs',
};

/** The response that answers a request: one name for both in the log. */
export function responseIdOf(requestId: string): string {
  return requestId.replace(/^req_/, 'resp_');
}

/** An item's id tells its response, so that a reference to it can be followed. */
export function itemId(type: Item['type'], responseId: string, place: `i${number}` | `o${number}`): string {
  return `${prefixes[type]}_${responseId.replace(/^resp_/, '')}${place}`;
}

/** Which response an item's id belongs to; null for an id that is not ours. */
export function responseOfItem(id: string): string | null {
  const match = /^[a-z]+_([0-9a-f]{32})[io]\d+$/.exec(id);
  return match?.[1] === undefined ? null : `resp_${match[1]}`;
}

// --- reading -----------------------------------------------------------------------------------------------

const mostItems = 16_384;
const idField = z.string().max(1000).nullish();
const nameField = z.string().max(1000);

const piece = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
});
const pieces = z.union([z.string(), z.array(piece).max(4096)]);

const schemas = {
  message: z.looseObject({
    id: idField,
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: pieces.nullish(),
  }),
  function_call: z.looseObject({
    id: idField,
    call_id: idField,
    name: nameField,
    namespace: nameField.nullish(),
    // An object is wrong, but what it means is clear.
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
  }),
  custom_tool_call: z.looseObject({
    id: idField,
    call_id: idField,
    name: nameField,
    namespace: nameField.nullish(),
    input: z.string().nullish(),
  }),
  output: z.looseObject({ id: idField, call_id: idField, output: pieces.nullish() }),
  reasoning: z.looseObject({
    id: idField,
    summary: z
      .array(z.looseObject({ text: z.string() }))
      .max(4096)
      .nullish(),
    content: z
      .array(z.looseObject({ text: z.string() }))
      .max(4096)
      .nullish(),
    encrypted_content: z.string().nullish(),
  }),
  reference: z.looseObject({ id: z.string().min(1).max(1000) }),
  tools: z.looseObject({ tools: z.array(z.unknown()).max(512).nullish() }),
};

const anyItem = z.looseObject({ type: z.string().max(200).nullish() });

/** `input` of a request: a text, or items of any kind. */
export const inputField = z
  .union([z.string(), z.array(anyItem).max(mostItems)], { error: 'must be a text or a list of items' })
  .nullish();

/** Reads `input`; items without an id get one of the response. Throws an AppError (400) that names the field. */
export function readInput(wire: z.infer<typeof inputField>, responseId: string): readonly InputEntry[] {
  if (wire === null || wire === undefined) return [];
  const list = typeof wire === 'string' ? [{ type: 'message', role: 'user', content: wire }] : wire;
  let lastCall = '';
  return list.map((raw, index) => {
    const entry = readEntry(raw, index, { responseId, lastCall });
    if (entry.kind === 'item' && 'call_id' in entry.item) lastCall = entry.item.call_id;
    return entry;
  });
}

type Surroundings = { readonly responseId: string; readonly lastCall: string };

function readEntry(raw: z.infer<typeof anyItem>, index: number, around: Surroundings): InputEntry {
  const path = `input.${index}`;
  const type = raw.type ?? ('role' in raw ? 'message' : 'item_reference');
  const idOr = (given: string | null | undefined, kind: Item['type']): string =>
    given || itemId(kind, around.responseId, `i${index}`);
  switch (type) {
    case 'message': {
      const { id, role, content } = parseBody(schemas.message, raw, path);
      return ofItem({
        type,
        id: idOr(id, type),
        status: 'completed',
        role,
        content: toPieces(content ?? [], role === 'assistant', `${path}.content`),
      });
    }
    case 'function_call': {
      const wire = parseBody(schemas.function_call, raw, path);
      const given = wire.arguments ?? '{}';
      return ofItem({
        type,
        ...callFields(wire, idOr(wire.id, type)),
        arguments: typeof given === 'string' ? given : JSON.stringify(given),
      });
    }
    case 'custom_tool_call': {
      const wire = parseBody(schemas.custom_tool_call, raw, path);
      return ofItem({ type, ...callFields(wire, idOr(wire.id, type)), input: wire.input ?? '' });
    }
    case 'function_call_output':
    case 'custom_tool_call_output': {
      const { id, call_id: callId, output } = parseBody(schemas.output, raw, path);
      return ofItem({
        type,
        id: idOr(id, type),
        status: 'completed',
        call_id: callId || around.lastCall,
        output: typeof output === 'string' ? output : toPieces(output ?? [], false, `${path}.output`),
      });
    }
    case 'reasoning': {
      const { id, summary, content, encrypted_content: sealed } = parseBody(schemas.reasoning, raw, path);
      return ofItem({
        type,
        id: idOr(id, type),
        status: 'completed',
        summary: (summary ?? []).map(({ text }) => ({ type: 'summary_text', text })),
        ...(content
          ? { content: content.map(({ text }) => ({ type: 'reasoning_text', text }) as const) }
          : {}),
        ...(sealed ? { encrypted_content: sealed } : {}),
      });
    }
    case 'item_reference':
      return { kind: 'reference', id: parseBody(schemas.reference, raw, path).id, path };
    case 'additional_tools':
      return { kind: 'tools', tools: parseBody(schemas.tools, raw, path).tools ?? [] };
    default:
      return { kind: 'unknown', type };
  }
}

function ofItem(item: Item): InputEntry {
  return { kind: 'item', item };
}

function callFields(
  wire: { call_id?: string | null | undefined; name: string; namespace?: string | null | undefined },
  id: string,
) {
  const { name, namespace } = wire;
  const identity = { id, status: 'completed', call_id: wire.call_id || id, name } as const;
  return namespace ? { ...identity, namespace } : identity;
}

function toPieces(wire: z.infer<typeof pieces>, isAssistant: boolean, path: string): readonly ContentPiece[] {
  const list = typeof wire === 'string' ? [{ type: 'input_text', text: wire }] : wire;
  return list.map((given, index): ContentPiece => {
    if (given.type === 'refusal' && isAssistant) return { type: 'refusal', refusal: given.refusal ?? '' };
    const text = given.text ?? given.refusal;
    if (text === undefined) return mediaPiece(given, `${path}.${index}`);
    return isAssistant
      ? { type: 'output_text', text, annotations: [], logprobs: [] }
      : { type: 'input_text', text };
  });
}

/** An image's `detail` may be left out when it is sent, but not when it is told again. */
function mediaPiece(given: ContentPiece, path: string): ContentPiece {
  // Read here, where its place is known, and again when it becomes part of a message.
  toMediaPart(given, path);
  return given.type === 'input_image' ? { ...given, detail: given['detail'] ?? 'auto' } : given;
}
