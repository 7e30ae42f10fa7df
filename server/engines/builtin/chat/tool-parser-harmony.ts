import type { ParserShared } from './tool-parser-shared.ts';
import { findMark, partialMarkStart, type OutputPiece, type State } from './tool-scanner.ts';

/** What ends a message; `<|call|>` and `<|return|>` end the answer and are seldom seen here. */
const endings = ['<|end|>', '<|call|>', '<|return|>', '<|start|>'];

/**
 * gpt-oss: messages of the form `<|channel|>name [to=functions.tool] [<|constrain|>json]<|message|>…<|end|>`. The
 * channel `analysis` is thought, a recipient makes a call, everything else is for the reader.
 */
export function harmonyAnswer(shared: ParserShared): State {
  const header: State = (text, isEnd) => {
    const end = text.indexOf('<|message|>');
    if (end < 0) return isEnd ? { take: text.length, pieces: textWithoutHeader(shared, text) } : null;
    const about = text.slice(0, end);
    const tool = /to=(?:functions\.)?([^\s<]+)/.exec(about)?.[1];
    const channel = /<\|channel\|>\s*([a-z]+)/.exec(about)?.[1] ?? 'final';
    const take = end + '<|message|>'.length;
    if (tool !== undefined && shared.isKnown(tool)) {
      return { take, pieces: shared.begin(tool), next: body(shared.more, header, shared) };
    }
    const isThought = channel === 'analysis';
    shared.setThinking(isThought);
    return { take, next: body(isThought ? shared.think : shared.say, header, shared) };
  };
  return header;
}

/** Outside the form altogether, as a model does that has lost its way: shown rather than lost. */
function textWithoutHeader(shared: ParserShared, text: string): readonly OutputPiece[] {
  const isHeader = ['<|', ' to='].some((begin) => text.startsWith(begin) || begin.startsWith(text));
  return isHeader ? [] : shared.say(text);
}

function body(show: (text: string) => readonly OutputPiece[], header: State, shared: ParserShared): State {
  return (text, isEnd) => {
    const found = findMark(text, endings);
    if (found !== null) {
      shared.setThinking(false);
      return { take: found.at + found.mark.length, pieces: show(text.slice(0, found.at)), next: header };
    }
    const safe = isEnd ? text.length : partialMarkStart(text, endings);
    return { take: safe, pieces: show(text.slice(0, safe)) };
  };
}
