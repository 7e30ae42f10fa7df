import { AppError } from '../core/errors.ts';
import type { FinishReason, GeneratePart, TokenLogprob, ToolCallPiece, Usage } from '../core/generate.ts';
import { itemId, type ItemStatus } from './openai-responses-items.ts';
import {
  responseObject,
  type Frame,
  type OutputItem,
  type ResponseObject,
  type ResponseStatus,
} from './openai-responses-object.ts';
import {
  openCall,
  openMessage,
  openThought,
  type BareEvent,
  type OpenItem,
  type Place,
  type ThoughtForm,
} from './openai-responses-output.ts';
import type { OfferedTool } from './openai-responses-tools.ts';

/** A response while it comes about: parts in, events out. A whole answer is the same with its events thrown away. */
export type ResponseBuilder = {
  readonly take: (part: GeneratePart) => string;
  /** The events that end it, and the response as it ended. */
  readonly end: (usage: Usage) => string;
  readonly fail: (error: AppError) => string;
  /** An event that says nothing new; Codex counts only events as signs of life. */
  readonly keepAlive: () => string;
  /** The response as it stands. */
  readonly snapshot: () => ResponseObject;
};

export type BuilderOptions = ThoughtForm & {
  readonly frame: Frame;
  readonly offered: ReadonlyMap<string, OfferedTool>;
  /** Whether the response is to be kept. */
  readonly store: boolean;
  readonly nowSeconds: () => number;
  /** Told the response before its last event is sent; whether it can be asked for later. */
  readonly keep: (response: ResponseObject) => boolean;
};

/** An item of the output. A call is known by its number among the calls. */
type Entry = {
  readonly kind:
    | 'message'
    | 'reasoning'
    | { readonly type: 'function_call' | 'custom_tool_call'; readonly index: number };
  readonly open: OpenItem;
  status: ItemStatus;
};

/** The error by which a client ends its own response; `fail` then tells of no failure. */
export const cancelledCode = 'response_cancelled';

export function createResponseBuilder(options: BuilderOptions): ResponseBuilder {
  const { frame, offered, store, nowSeconds, keep } = options;
  const send = createNumbering();
  const output: Entry[] = [];
  /** What is being written. */
  let current: Entry | null = null;
  let usage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  let reason: FinishReason = 'stop';
  let last: ResponseObject | null = null;
  let hasBegun = false;

  const items = (): OutputItem[] => output.map(({ open, status }) => open.item(status));

  function object(status: ResponseStatus, error: AppError | null = null, isKept = store): ResponseObject {
    const completedSeconds = status === 'completed' ? nowSeconds() : null;
    return responseObject(frame, { status, output: items(), usage, completedSeconds, store: isKept, error });
  }

  function begin(): string {
    if (hasBegun) return '';
    hasBegun = true;
    const response = object('in_progress');
    return send([whole('response.created', response), whole('response.in_progress', response)]);
  }

  /** Ends what was being written, since one item comes after the other, and begins the next. */
  function next(kind: Entry['kind'], make: (place: Place) => OpenItem): string {
    const closing = close('completed');
    const index = output.length;
    const type = typeof kind === 'string' ? kind : kind.type;
    const open = make({ index, id: itemId(type, frame.id, `o${index}`) });
    current = { kind, open, status: 'in_progress' };
    output.push(current);
    return closing + send(open.begin());
  }

  function close(status: ItemStatus): string {
    if (current === null) return '';
    const { open } = current;
    current.status = status;
    current = null;
    return send(open.end(status));
  }

  function say(kind: 'message' | 'reasoning', text: string, logprobs: readonly TokenLogprob[] = []): string {
    const make = (place: Place): OpenItem =>
      kind === 'message' ? openMessage(place) : openThought(place, options);
    const begun = current?.kind === kind ? '' : next(kind, make);
    return begun + send(current?.open.add(text, logprobs) ?? []);
  }

  function call(piece: ToolCallPiece): string {
    if (piece.type === 'tool-call-start') {
      const { index, id, name } = piece;
      const tool = offered.get(name) ?? { kind: 'function', name, namespace: null };
      const type = tool.kind === 'custom' ? 'custom_tool_call' : 'function_call';
      return next({ type, index }, (place) => openCall(place, id, tool));
    }
    const { kind, open } = current ?? {};
    if (typeof kind !== 'object' || kind.index !== piece.index) throw callsMixed();
    return send(open?.add(piece.arguments) ?? []);
  }

  function finish(status: ResponseStatus, error: AppError | null = null): ResponseObject {
    const response = object(status, error);
    const isKept = store && status !== 'failed' && keep(response);
    return (last = { ...response, store: isKept });
  }

  return {
    take(part) {
      const events = begin();
      switch (part.type) {
        case 'start':
          usage = { ...usage, promptTokens: part.promptTokens, cachedTokens: part.cachedTokens };
          return events;
        case 'text-delta': {
          const { text, logprobs = [] } = part;
          return text === '' && logprobs.length === 0 ? events : events + say('message', text, logprobs);
        }
        case 'reasoning-delta':
          return part.text === '' ? events : events + say('reasoning', part.text);
        case 'tool-call-start':
        case 'tool-call-delta':
          return events + call(part);
        case 'finish':
          reason = part.reason;
          usage = part.usage;
          return events;
      }
    },
    end(total) {
      usage = total;
      const isWhole = reason !== 'length';
      // An answer without a word is a message without text.
      const begun = begin();
      const empty = output.length === 0 ? next('message', openMessage) : '';
      const events = begun + empty + close(isWhole ? 'completed' : 'incomplete');
      const response = finish(isWhole ? 'completed' : 'incomplete');
      return events + send([whole(`response.${response.status}`, response)]);
    },
    fail(error) {
      const events = begin() + close('incomplete');
      if (error.code === cancelledCode) {
        return events + send([whole('response.incomplete', finish('cancelled'))]);
      }
      const response = finish('failed', error);
      const { code, message, param } = error;
      // Some clients look for the one, some for the other.
      const told = bare('error', { code, message, param });
      return events + send([told, whole('response.failed', response)]);
    },
    keepAlive: () => begin() + send([whole('response.in_progress', object('in_progress'))]),
    snapshot: () => last ?? object('in_progress'),
  };
}

/** Clients read one call after the other; half of one must never be taken for the whole. */
function callsMixed(): AppError {
  return new AppError('The engine mixed the pieces of two tool calls. Please try again.', {
    status: 502,
    code: 'engine_failed',
    retryable: true,
    source: 'engine',
  });
}

/** The events of a response that has ended, for who asks for it again as a stream. */
export function replayResponse(response: ResponseObject): string {
  const send = createNumbering();
  const beginning: ResponseObject = {
    ...response,
    status: 'in_progress',
    completed_at: null,
    incomplete_details: null,
    output: [],
  };
  const name = response.status === 'completed' ? 'response.completed' : 'response.incomplete';
  return [
    send([whole('response.created', beginning), whole('response.in_progress', beginning)]),
    ...response.output.map((item, index) => send(replayItem(item, index))),
    send([whole(name, response)]),
  ].join('');
}

function replayItem(item: OutputItem, index: number): readonly BareEvent[] {
  const place: Place = { index, id: item.id };
  const play = (open: OpenItem, text: string): readonly BareEvent[] => [
    ...open.begin(),
    ...(text === '' ? [] : open.add(text)),
    // Closed in its own words: they also hold what a part alone does not tell.
    ...open.end(item.status).slice(0, -1),
    bare('response.output_item.done', { output_index: index, item }),
  ];
  switch (item.type) {
    case 'message':
      return play(openMessage(place), item.content.map(({ text }) => text ?? '').join(''));
    case 'reasoning': {
      const asSummary = item.summary.length > 0;
      const told = asSummary ? item.summary : (item.content ?? []);
      return play(openThought(place, { asSummary, seal: null }), told.map(({ text }) => text).join(''));
    }
    case 'function_call':
      return play(openCall(place, item.call_id, offerOf(item, 'function')), item.arguments);
    case 'custom_tool_call':
      return play(
        openCall(place, item.call_id, offerOf(item, 'custom')),
        JSON.stringify({ input: item.input }),
      );
  }
}

function offerOf(item: { name: string; namespace?: string }, kind: OfferedTool['kind']): OfferedTool {
  return { kind, name: item.name, namespace: item.namespace ?? null };
}

function bare(type: string, fields: object): BareEvent {
  return { type, fields: JSON.stringify(fields).slice(1, -1) };
}

function whole(type: string, response: ResponseObject): BareEvent {
  return bare(type, { response });
}

/** Frames of server-sent events, numbered from 0 on; each has its `event:` line. */
function createNumbering(): (events: readonly BareEvent[]) => string {
  let number = 0;
  return (events) => {
    let frames = '';
    for (const { type, fields } of events) {
      frames += `event: ${type}\ndata: {"type":"${type}","sequence_number":${number},${fields}}\n\n`;
      number += 1;
    }
    return frames;
  };
}
