import { z } from 'zod';
import type { ChatMessage, ContentPart, ToolCall } from '../core/generate.ts';
import { mediaSource, toFile, toImage } from './anthropic-media.ts';
import { parseBody } from './parse.ts';

/**
 * Messages of Anthropic's language (@anthropic-ai/sdk 1.12, `MessageParam`). A block's own fields are looked at by its
 * kind: a kind we do not know is dropped and named, never an error.
 */

const block = z.looseObject({ type: z.string().max(200) });
type Block = z.infer<typeof block>;
const content = z.union([z.string(), z.array(block).max(10_000)]);
type Content = z.infer<typeof content>;

export const messagesField = z
  .array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content }))
  .min(1)
  .max(10_000);
export const systemField = content.nullish();

/** `dropped`: the places of blocks that are not told to the model. */
type Conversation = { readonly messages: readonly ChatMessage[]; readonly dropped: readonly string[] };

/** Messages stay where they are, those of the system among them too: the beginning then stays the same from turn to turn. */
export function toConversation(
  system: z.infer<typeof systemField>,
  wire: z.infer<typeof messagesField>,
): Conversation {
  const dropped: string[] = [];
  const messages = [
    ...toSystemMessages(system ?? '', 'system', dropped),
    ...wire.flatMap((message, index) => {
      const path = `messages.${index}.content`;
      switch (message.role) {
        case 'system':
          return toSystemMessages(message.content, path, dropped);
        case 'user':
          return toUserMessages(message.content, path, dropped);
        case 'assistant':
          return [toAssistantMessage(message.content, path, dropped)];
      }
    }),
  ];
  return { messages: joinTurns(messages), dropped };
}

/** Changes with every request and so would keep anything of the prompt from being reused (clients.md §3.11). */
const billingHeader = /^x-anthropic-billing-header:.*(\n|$)/gm;

function toSystemMessages(wire: Content, path: string, dropped: string[]): ChatMessage[] {
  const parts = toParts(wire, path, dropped)
    .map((part) => (part.type === 'text' ? { ...part, text: part.text.replaceAll(billingHeader, '') } : part))
    .filter((part) => part.type !== 'text' || part.text.trim() !== '');
  return parts.length === 0 ? [] : [{ role: 'system', content: joinTexts(parts) }];
}

const toolResult = z.looseObject({
  tool_use_id: z.string().max(1000),
  content: content.nullish(),
  is_error: z.boolean().nullish(),
});

/** Answers of tools become messages of their own, in their place. */
function toUserMessages(wire: Content, path: string, dropped: string[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  let said: ContentPart[] = [];
  const flush = (): void => {
    if (said.length > 0) messages.push({ role: 'user', content: joinTexts(said) });
    said = [];
  };
  for (const [index, one] of blocksOf(wire).entries()) {
    const at = `${path}.${index}`;
    if (one.type !== 'tool_result') {
      said.push(...toPart(one, at, dropped));
      continue;
    }
    flush();
    const result = parseBody(toolResult, one, at);
    const parts = toParts(result.content ?? '', `${at}.content`, dropped);
    messages.push({
      role: 'tool',
      toolCallId: result.tool_use_id,
      content: joinTexts(result.is_error === true ? [{ type: 'text', text: 'Error:' }, ...parts] : parts),
    });
  }
  flush();
  return messages.length === 0 ? [{ role: 'user', content: [] }] : messages;
}

const toolUse = z.looseObject({
  id: z.string().max(1000),
  name: z.string().max(1000),
  input: z.unknown(),
});
const thinking = z.looseObject({ thinking: z.string() });

function toAssistantMessage(wire: Content, path: string, dropped: string[]): ChatMessage {
  const said: ContentPart[] = [];
  const thoughts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const [index, one] of blocksOf(wire).entries()) {
    const at = `${path}.${index}`;
    switch (one.type) {
      case 'thinking':
        thoughts.push(parseBody(thinking, one, at).thinking);
        break;
      // Readable by the vendor alone.
      case 'redacted_thinking':
        break;
      case 'tool_use': {
        const { id, name, input } = parseBody(toolUse, one, at);
        toolCalls.push({ id, name, arguments: JSON.stringify(input ?? {}) });
        break;
      }
      default:
        said.push(...toPart(one, at, dropped));
    }
  }
  const reasoning = thoughts.join('\n');
  return {
    role: 'assistant',
    content: joinTexts(said),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(reasoning === '' ? {} : { reasoning }),
  };
}

function blocksOf(wire: Content): readonly Block[] {
  return typeof wire === 'string' ? [{ type: 'text', text: wire }] : wire;
}

function toParts(wire: Content, path: string, dropped: string[]): ContentPart[] {
  return blocksOf(wire).flatMap((one, index) => toPart(one, `${path}.${index}`, dropped));
}

const text = z.looseObject({ text: z.string() });
const document = z.looseObject({
  title: z.string().nullish(),
  context: z.string().nullish(),
  source: mediaSource.extend({ content: content.optional() }),
});
const searchResult = z.looseObject({ title: z.string(), source: z.string(), content });
const toolReference = z.looseObject({ tool_name: z.string() });

/** What a block says to the model: nothing, a text, or something other than text. */
function toPart(one: Block, path: string, dropped: string[]): ContentPart[] {
  switch (one.type) {
    case 'text':
      return [{ type: 'text', text: parseBody(text, one, path).text }];
    case 'image':
      return [toImage(one, path)];
    case 'document':
      return toDocument(parseBody(document, one, path), path, dropped);
    case 'container_upload':
      return [{ type: 'media', kind: 'file' }];
    case 'search_result': {
      const { title, source, content: found } = parseBody(searchResult, one, path);
      return [{ type: 'text', text: `${title}\n${source}` }, ...toParts(found, `${path}.content`, dropped)];
    }
    case 'tool_reference':
      return [{ type: 'text', text: parseBody(toolReference, one, path).tool_name }];
    default:
      dropped.push(path);
      return [];
  }
}

/** Documents that are text are read; of the others the engine tells whether it can take them. */
function toDocument(
  { title, context, source }: z.infer<typeof document>,
  path: string,
  dropped: string[],
): ContentPart[] {
  const inside = source.type === 'text' ? source.data : source.content;
  if (inside === undefined) return [toFile(source, title ?? null, path)];
  const about = [title, context].filter((line) => typeof line === 'string' && line !== '').join('\n');
  return [
    ...(about === '' ? [] : [{ type: 'text', text: about } as const]),
    ...toParts(inside, `${path}.source.content`, dropped),
  ];
}

/** Blocks are paragraphs: without a line's end between them their words would run together. */
function joinTexts(parts: readonly ContentPart[]): ContentPart[] {
  const joined: ContentPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      joined[joined.length - 1] = { type: 'text', text: `${last.text}\n${part.text}` };
    } else {
      joined.push(part);
    }
  }
  return joined;
}

/** "Consecutive `user` or `assistant` turns in your request will be combined into a single turn." */
function joinTurns(messages: readonly ChatMessage[]): ChatMessage[] {
  const turns: ChatMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    const isSameTurn =
      last?.role === message.role && (message.role === 'user' || message.role === 'assistant');
    if (!isSameTurn) turns.push(message);
    else turns[turns.length - 1] = joinTurn(last, message);
  }
  return turns;
}

function joinTurn(first: ChatMessage, second: ChatMessage): ChatMessage {
  const toolCalls = [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])];
  const reasoning = [first.reasoning ?? '', second.reasoning ?? '']
    .filter((thought) => thought !== '')
    .join('\n');
  return {
    role: first.role,
    content: joinTexts([...first.content, ...second.content]),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(reasoning === '' ? {} : { reasoning }),
  };
}
