import { randomInt } from 'node:crypto';
import type { ReasoningMarks } from './chat-format.ts';
import { usualReasoning } from './chat-format.ts';
import { gemmaCalls } from './tool-parser-gemma.ts';
import { harmonyAnswer } from './tool-parser-harmony.ts';
import { jsonCalls, listCalls, namedCalls } from './tool-parser-json.ts';
import { xmlCalls } from './tool-parser-xml.ts';
import type { AnswerParserOptions, ParserShared } from './tool-parser-shared.ts';
import { createScanner, findMark, partialMarkStart, type OutputPiece, type State } from './tool-scanner.ts';

/** Splits one answer into text, thoughts and tool calls, as it comes. */
export type AnswerParser = {
  readonly push: (text: string) => readonly OutputPiece[];
  /** The rest, when the answer has ended. */
  readonly end: () => readonly OutputPiece[];
  readonly isThinking: () => boolean;
  /** How many calls have begun. */
  readonly calls: () => number;
  /** Characters that have been pushed and wait for what follows. */
  readonly held: () => number;
};

export function createAnswerParser(options: AnswerParserOptions): AnswerParser {
  const newId = options.newId ?? (options.form.tools.startsWith('mistral') ? shortId : callId);
  let isThinking = options.isThinking;
  let calls = 0;
  let blanks = '';
  let hasSpoken = false;
  let hasThought = false;

  const shared: ParserShared = {
    options,
    begin(name) {
      calls += 1;
      blanks = '';
      return [{ type: 'tool-call-start', index: calls - 1, id: newId(), name }];
    },
    more: (text) => (text === '' ? [] : [{ type: 'tool-call-delta', index: calls - 1, arguments: text }]),
    say(text) {
      // Blanks are kept back: before a call, and between calls, they are no text.
      const all = blanks + text;
      const end = all.trimEnd().length;
      blanks = all.slice(end);
      const shown = hasSpoken || calls > 0 ? all.slice(0, end) : all.slice(0, end).trimStart();
      if (shown === '') return [];
      hasSpoken = true;
      return [{ type: 'text-delta', text: shown }];
    },
    think(text) {
      const shown = hasThought ? text : text.trimStart();
      if (shown === '') return [];
      hasThought = true;
      return [{ type: 'reasoning-delta', text: shown }];
    },
    setThinking: (value) => (isThinking = value),
    isKnown: (name) => options.toolNames.includes(name),
  };
  const scanner = createScanner(firstState(shared));
  return {
    push: (text) => scanner.push(text),
    end() {
      const pieces = scanner.end();
      // Blanks at the very end belong to the text, if there is one.
      if (calls === 0 && hasSpoken && blanks !== '') pieces.push({ type: 'text-delta', text: blanks });
      blanks = '';
      return pieces;
    },
    isThinking: () => isThinking,
    calls: () => calls,
    held: () => scanner.held() + blanks.length,
  };
}

function firstState(shared: ParserShared): State {
  const { form, isThinking } = shared.options;
  if (form.tools === 'harmony') return harmonyAnswer(shared);
  const body = bodyState(shared);
  const marks = form.reasoning ?? usualReasoning;
  return isThinking ? thinking(shared, marks, body) : mayThink(shared, marks, body);
}

/** At the very beginning only: later the same marks are what somebody writes about. */
function mayThink(shared: ParserShared, { open, close }: ReasoningMarks, body: State): State {
  return (text, isEnd) => {
    const begin = text.trimStart();
    if (begin.startsWith(open)) {
      shared.setThinking(true);
      return {
        take: text.length - begin.length + open.length,
        next: thinking(shared, { open, close }, body),
      };
    }
    if (!isEnd && open.startsWith(begin)) return null;
    return { take: 0, next: body };
  };
}

function thinking(shared: ParserShared, { close }: ReasoningMarks, body: State): State {
  return (text, isEnd) => {
    const end = text.indexOf(close);
    if (end >= 0) {
      shared.setThinking(false);
      return { take: end + close.length, pieces: shared.think(text.slice(0, end).trimEnd()), next: body };
    }
    const safe = isEnd ? text.length : text.slice(0, partialMarkStart(text, [close])).trimEnd().length;
    return { take: isEnd ? text.length : safe, pieces: shared.think(text.slice(0, safe)) };
  };
}

function bodyState(shared: ParserShared): State {
  const { form, toolNames } = shared.options;
  if (toolNames.length === 0) return textUntil(shared, []);
  switch (form.tools) {
    case 'hermes':
    case 'generic':
      return textUntil(shared, [
        { mark: '<tool_call>', state: (back) => jsonCalls(shared, '</tool_call>', back) },
      ]);
    case 'qwen-xml':
      return textUntil(shared, [
        { mark: '<tool_call>', state: (back) => xmlCalls(shared, back) },
        { mark: '<function=', state: (back) => xmlCalls(shared, back), keepMark: true },
      ]);
    case 'llama':
      return llamaAnswer(shared);
    case 'mistral-list':
      return textUntil(shared, [{ mark: '[TOOL_CALLS]', state: (back) => listCalls(shared, back) }]);
    case 'mistral':
      return textUntil(shared, [{ mark: '[TOOL_CALLS]', state: (back) => namedCalls(shared, back) }]);
    case 'gemma':
      return textUntil(shared, [{ mark: '<|tool_call>', state: (back) => gemmaCalls(shared, back) }]);
    case 'harmony':
      return harmonyAnswer(shared);
  }
}

type CallMark = {
  readonly mark: string;
  readonly state: (back: State) => State;
  readonly keepMark?: boolean;
};

/** Text for the reader, up to a mark at which a call begins; after the call, text again. */
function textUntil(shared: ParserShared, calls: readonly CallMark[]): State {
  const marks = calls.map(({ mark }) => mark);
  const state: State = (text, isEnd) => {
    const found = findMark(text, marks);
    const call = calls.find(({ mark }) => mark === found?.mark);
    if (found !== null && call !== undefined) {
      const take = found.at + (call.keepMark === true ? 0 : found.mark.length);
      return { take, pieces: shared.say(text.slice(0, found.at)), next: call.state(state) };
    }
    const safe = isEnd ? text.length : partialMarkStart(text, marks);
    return { take: safe, pieces: shared.say(text.slice(0, safe)) };
  };
  return state;
}

/** A whole answer that is a JSON object with a tool's name is a call; everything else is text. */
function llamaAnswer(shared: ParserShared): State {
  const tag = '<|python_tag|>';
  const asText = textUntil(shared, [{ mark: tag, state: (back) => jsonCalls(shared, null, back) }]);
  const asCall = jsonCalls(shared, null, asText);
  return (text, isEnd) => {
    const begin = text.trimStart();
    if (begin.startsWith(tag)) return { take: text.length - begin.length + tag.length, next: asCall };
    if (!isEnd && (begin === '' || tag.startsWith(begin))) return null;
    if (/^\{\s*"(?:name|type|function)"/.test(begin))
      return { take: text.length - begin.length, next: asCall };
    if (!isEnd && /^\{\s*(?:"[a-z]{0,8})?$/.test(begin)) return null;
    return { take: 0, next: asText };
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function callId(): string {
  return `call_${randomLetters(24)}`;
}

/** Mistral's templates refuse other ids. */
function shortId(): string {
  return randomLetters(9);
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => letters[randomInt(letters.length)]).join('');
}
