import type { TokenLogprob } from '../core/generate.ts';
import { createFreeTextReader } from './openai-responses-free-text.ts';
import { responseLogprobs } from './openai-logprobs.ts';
import type { ItemStatus } from './openai-responses-items.ts';
import type { OutputItem } from './openai-responses-object.ts';
import type { OfferedTool } from './openai-responses-tools.ts';

/** The items of an answer while they come about, and the events that tell of them (openai-openapi 2.3.0). */

/** An event without its number: its type, and the JSON of its other fields without the braces. */
export type BareEvent = { readonly type: string; readonly fields: string };

/** An item being written. */
export type OpenItem = {
  /** The item with what is known by now. */
  readonly item: (status: ItemStatus) => OutputItem;
  readonly begin: () => readonly BareEvent[];
  readonly add: (text: string, logprobs?: readonly TokenLogprob[]) => readonly BareEvent[];
  readonly end: (status: ItemStatus) => readonly BareEvent[];
};

/** Where the item stands in the response's output, and its id. */
export type Place = { readonly index: number; readonly id: string };

function event(type: string, fields: object): BareEvent {
  return { type, fields: JSON.stringify(fields).slice(1, -1) };
}

/** The delta is the one event of every token: only its text is escaped anew. */
function deltas(type: string, fields: object): (text: string, more?: string) => BareEvent {
  const same = event(type, fields).fields;
  return (text, more = '') => ({ type, fields: `${same},"delta":${JSON.stringify(text)}${more}` });
}

function added(place: Place, item: OutputItem): BareEvent {
  return event('response.output_item.added', { output_index: place.index, item });
}

function done(place: Place, item: OutputItem): BareEvent {
  return event('response.output_item.done', { output_index: place.index, item });
}

export function openMessage(place: Place): OpenItem {
  const { id } = place;
  const at = { item_id: id, output_index: place.index, content_index: 0 };
  const delta = deltas('response.output_text.delta', at);
  const texts: string[] = [];
  const logprobs: unknown[] = [];
  const part = (): OutputText => ({ type: 'output_text', text: texts.join(''), annotations: [], logprobs });
  const item: OpenItem['item'] = (status) => ({
    id,
    type: 'message',
    status,
    role: 'assistant',
    content: status === 'in_progress' && texts.length === 0 ? [] : [part()],
  });
  return {
    item,
    begin: () => [
      added(place, item('in_progress')),
      event('response.content_part.added', { ...at, part: part() }),
    ],
    add(text, tokens = []) {
      const told = responseLogprobs(tokens);
      texts.push(text);
      logprobs.push(...told);
      return [delta(text, `,"logprobs":${told.length === 0 ? '[]' : JSON.stringify(told)}`)];
    },
    end: (status) => [
      event('response.output_text.done', { ...at, text: part().text, logprobs }),
      event('response.content_part.done', { ...at, part: part() }),
      done(place, item(status)),
    ],
  };
}

type OutputText = {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations: readonly never[];
  readonly logprobs: readonly unknown[];
};

/** How a thought is told. */
export type ThoughtForm = {
  /** As a summary, where one was asked for: many clients show nothing else. */
  readonly asSummary: boolean;
  /** Makes of it what the client is to send back instead; null where it was not asked for. */
  readonly seal: ((thought: string) => string) | null;
};

export function openThought(place: Place, { asSummary, seal }: ThoughtForm): OpenItem {
  const { id } = place;
  const at = { item_id: id, output_index: place.index, [asSummary ? 'summary_index' : 'content_index']: 0 };
  const word = asSummary ? 'reasoning_summary' : 'reasoning';
  const partWord = asSummary ? 'reasoning_summary_part' : 'content_part';
  const delta = deltas(`response.${word}_text.delta`, at);
  const texts: string[] = [];
  const text = (): string => texts.join('');
  const part = (): { type: string; text: string } => ({
    type: asSummary ? 'summary_text' : 'reasoning_text',
    text: text(),
  });
  let sealed: string | null = null;
  const sealOnce = (): string => (sealed ??= seal?.(text()) ?? '');
  const item: OpenItem['item'] = (status) => ({
    id,
    type: 'reasoning',
    status,
    summary: asSummary && texts.length > 0 ? [{ type: 'summary_text', text: text() }] : [],
    ...(asSummary ? {} : { content: texts.length > 0 ? [{ type: 'reasoning_text', text: text() }] : [] }),
    ...(seal === null ? {} : { encrypted_content: status === 'in_progress' ? '' : sealOnce() }),
  });
  return {
    item,
    begin: () => [
      added(place, item('in_progress')),
      event(`response.${partWord}.added`, { ...at, part: part() }),
    ],
    add(piece) {
      texts.push(piece);
      return [delta(piece)];
    },
    end: (status) => [
      event(`response.${word}_text.done`, { ...at, text: text() }),
      event(`response.${partWord}.done`, { ...at, part: part() }),
      done(place, item(status)),
    ],
  };
}

/** A call of a function, or of a tool that takes free text. */
export function openCall(place: Place, callId: string, tool: OfferedTool): OpenItem {
  const { id } = place;
  const at = { item_id: id, output_index: place.index };
  const identity = {
    call_id: callId,
    name: tool.name,
    ...(tool.namespace === null ? {} : { namespace: tool.namespace }),
  };
  const isCustom = tool.kind === 'custom';
  const reader = createFreeTextReader();
  const word = isCustom ? 'custom_tool_call_input' : 'function_call_arguments';
  const delta = deltas(`response.${word}.delta`, at);
  const texts: string[] = [];
  const item: OpenItem['item'] = (status) =>
    isCustom
      ? { id, type: 'custom_tool_call', status, ...identity, input: texts.join('') }
      : { id, type: 'function_call', status, ...identity, arguments: texts.join('') };
  const take = (text: string): readonly BareEvent[] => {
    if (text === '') return [];
    texts.push(text);
    return [delta(text)];
  };
  return {
    item,
    begin: () => [added(place, item('in_progress'))],
    add: (json) => take(isCustom ? reader.push(json) : json),
    end(status) {
      // No arguments at all are no JSON.
      const rest = take(isCustom ? reader.end() : texts.length === 0 ? '{}' : '');
      const text = texts.join('');
      const whole = isCustom ? { input: text } : { name: tool.name, arguments: text };
      return [...rest, event(`response.${word}.done`, { ...at, ...whole }), done(place, item(status))];
    },
  };
}
