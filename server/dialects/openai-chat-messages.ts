import { z } from 'zod';
import type { ChatMessage, ChatRole, ContentPart, ToolCall } from '../core/generate.ts';
import { toMediaPart } from './openai-media.ts';

/** The messages of OpenAI's chat language, those of assistants and tools as they come back included. */

const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  refusal: z.string().optional(),
});
const content = z.union([z.string(), z.array(part).max(4096)]).nullish();

const calledFunction = z.looseObject({
  name: z.string().max(1000),
  // An object is wrong, but what it means is clear.
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
});

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content,
  name: z.string().nullish(),
  tool_calls: z
    .array(z.looseObject({ id: z.string().max(1000).nullish(), function: calledFunction.nullish() }))
    .max(1024)
    .nullish(),
  function_call: calledFunction.nullish(),
  tool_call_id: z.string().max(1000).nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish().catch(null),
});
type WireMessage = z.infer<typeof message>;
/** A text of somebody's and nothing else. */
export type PlainMessage = { readonly role: WireMessage['role']; readonly content: string };

export const messagesField = z.array(message).min(1).max(4096);

/** The same for plain ones, without looking for what they have not. */
export function toPlainMessages(wire: readonly PlainMessage[]): readonly ChatMessage[] {
  return wire.map(({ role, content: text }) => ({ role: toRole(role), content: [{ type: 'text', text }] }));
}

/** In the form before tools calls have no ids: an answer belongs to the last call. */
export function toMessages(wire: readonly WireMessage[]): readonly ChatMessage[] {
  let lastCall = '';
  return wire.map((entry, index) => {
    const toolCalls = toToolCalls(entry, index);
    lastCall = toolCalls.at(-1)?.id ?? lastCall;
    const isAnswer = entry.role === 'tool' || entry.role === 'function';
    const answers = isAnswer ? entry.tool_call_id || lastCall : '';
    const thought = entry.reasoning_content ?? entry.reasoning ?? '';
    return {
      role: toRole(entry.role),
      content: toContent(entry.content, `messages.${index}.content`),
      ...(entry.name ? { name: entry.name } : {}),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...(answers === '' ? {} : { toolCallId: answers }),
      ...(entry.role !== 'assistant' || thought === '' ? {} : { reasoning: thought }),
    };
  });
}

function toToolCalls(wire: WireMessage, index: number): readonly ToolCall[] {
  if (wire.role !== 'assistant') return [];
  const calls = (wire.tool_calls ?? []).flatMap(({ id, function: called }, place) =>
    called ? [toToolCall(called, id || `call_${index}_${place}`)] : [],
  );
  if (calls.length > 0 || !wire.function_call) return calls;
  return [toToolCall(wire.function_call, `call_${index}`)];
}

function toToolCall(called: z.infer<typeof calledFunction>, id: string): ToolCall {
  const given = called.arguments ?? '{}';
  return { id, name: called.name, arguments: typeof given === 'string' ? given : JSON.stringify(given) };
}

function toRole(role: WireMessage['role']): ChatRole {
  if (role === 'developer') return 'system';
  return role === 'function' ? 'tool' : role;
}

function toContent(wire: WireMessage['content'], path: string): readonly ContentPart[] {
  if (wire === null || wire === undefined) return [];
  if (typeof wire === 'string') return [{ type: 'text', text: wire }];
  return wire.map((piece, index): ContentPart => {
    const text = piece.text ?? piece.refusal;
    return text === undefined ? toMediaPart(piece, `${path}.${index}`) : { type: 'text', text };
  });
}
