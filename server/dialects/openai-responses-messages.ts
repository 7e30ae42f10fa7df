import type { ChatMessage, ContentPart, ToolCall } from '../core/generate.ts';
import {
  inputField,
  readInput,
  type CallOutputItem,
  type ContentPiece,
  type CustomCallItem,
  type FunctionCallItem,
  type Item,
  type MessageItem,
  type ReasoningItem,
} from './openai-responses-items.ts';
import { toMediaPart } from './openai-media.ts';
import { parseBody } from './parse.ts';

/** Items of Responses as the messages of the internal contract. */

/** Gives back what a model has thought from what a client was given in its place; null if it is not ours. */
export type OpenThought = (sealed: string) => string | null;

/**
 * For requests in the shape of Responses that come elsewhere, without stored responses: `input` (a text or items) and
 * `instructions` as messages. `dropped` names the kinds of items that we do not have. Throws an AppError (400).
 */
export function responsesInputToMessages(
  input: unknown,
  instructions: string | null = null,
): { readonly messages: readonly ChatMessage[]; readonly dropped: readonly string[] } {
  const entries = readInput(parseBody(inputField, input, 'input'), 'resp_');
  return {
    messages: [
      ...instructionMessages(instructions),
      ...itemsToMessages(entries.flatMap((entry) => (entry.kind === 'item' ? [entry.item] : []))),
    ],
    dropped: entries.flatMap((entry) => {
      if (entry.kind === 'unknown') return [`input.${entry.type}`];
      return entry.kind === 'reference' ? ['input.item_reference'] : [];
    }),
  };
}

export function instructionMessages(instructions: string | null | undefined): readonly ChatMessage[] {
  return instructions ? [{ role: 'system', content: [{ type: 'text', text: instructions }] }] : [];
}

/** The name that the model knows a tool of a group by. */
export function flatToolName(namespace: string | null | undefined, name: string): string {
  if (!namespace) return name;
  return `${namespace}${namespace.endsWith('__') ? '' : '__'}${name}`;
}

/**
 * What the assistant thought, said and called stands in several items; they become one message, as templates want it.
 */
export function itemsToMessages(
  items: readonly Item[],
  openThought: OpenThought = () => null,
): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  let turn: Turn = emptyTurn;
  const flush = (): void => {
    const message = toAssistantMessage(turn);
    if (message !== null) messages.push(message);
    turn = emptyTurn;
  };
  for (const item of items) {
    switch (item.type) {
      case 'reasoning': {
        const thought = thoughtOf(item, openThought);
        if (turn.content.length > 0 || turn.toolCalls.length > 0) flush();
        turn = { ...turn, reasoning: [...turn.reasoning, thought].filter((text) => text !== '') };
        break;
      }
      case 'function_call':
      case 'custom_tool_call':
        turn = { ...turn, toolCalls: [...turn.toolCalls, toToolCall(item)] };
        break;
      case 'message':
        if (item.role !== 'assistant') {
          flush();
          messages.push(toMessage(item));
        } else {
          if (turn.content.length > 0 || turn.toolCalls.length > 0) flush();
          turn = { ...turn, content: toContent(item.content) };
        }
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        flush();
        messages.push(toToolMessage(item));
        break;
    }
  }
  flush();
  return messages;
}

/** The assistant's message while its items are read. */
type Turn = {
  readonly reasoning: readonly string[];
  readonly content: readonly ContentPart[];
  readonly toolCalls: readonly ToolCall[];
};
const emptyTurn: Turn = { reasoning: [], content: [], toolCalls: [] };

function toAssistantMessage({ reasoning, content, toolCalls }: Turn): ChatMessage | null {
  // A thought that nothing followed tells the model nothing.
  if (content.length === 0 && toolCalls.length === 0) return null;
  return {
    role: 'assistant',
    content,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(reasoning.length === 0 ? {} : { reasoning: reasoning.join('\n') }),
  };
}

function toMessage({ role, content }: MessageItem): ChatMessage {
  return { role: role === 'developer' ? 'system' : role, content: toContent(content) };
}

function toToolMessage({ call_id: toolCallId, output }: CallOutputItem): ChatMessage {
  const content = typeof output === 'string' ? [{ type: 'text', text: output } as const] : toContent(output);
  return { role: 'tool', content, toolCallId };
}

function toToolCall(item: FunctionCallItem | CustomCallItem): ToolCall {
  return {
    id: item.call_id,
    name: flatToolName(item.namespace, item.name),
    arguments: item.type === 'function_call' ? item.arguments : JSON.stringify({ input: item.input }),
  };
}

function thoughtOf(item: ReasoningItem, openThought: OpenThought): string {
  const told = item.content ?? [];
  if (told.length > 0) return told.map(({ text }) => text).join('\n');
  const opened = item.encrypted_content ? openThought(item.encrypted_content) : null;
  return opened ?? item.summary.map(({ text }) => text).join('\n');
}

function toContent(pieces: readonly ContentPiece[]): readonly ContentPart[] {
  return pieces.map((piece): ContentPart => {
    const { refusal } = piece;
    const text = piece.text ?? (typeof refusal === 'string' ? refusal : undefined);
    return text === undefined ? toMediaPart(piece, 'input') : { type: 'text', text };
  });
}
