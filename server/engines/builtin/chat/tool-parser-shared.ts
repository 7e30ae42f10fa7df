import type { ChatForm } from './chat-format.ts';
import type { TypeName } from '../grammar/json-schema-branches.ts';
import type { OutputPiece } from './tool-scanner.ts';

export type AnswerParserOptions = {
  readonly form: ChatForm;
  /** Names of the tools that may be called; none: what looks like a call is text. */
  readonly toolNames: readonly string[];
  /** Types of a tool's parameter by its schema; for the form that does not quote texts. */
  readonly parameterTypes: (tool: string, parameter: string) => readonly TypeName[];
  /** Whether the prompt has opened a thought already. */
  readonly isThinking: boolean;
  readonly newId?: () => string;
};

/** What the states of one answer share. */
export type ParserShared = {
  readonly options: AnswerParserOptions;
  /** Pieces of a call; the first one carries its name. */
  readonly begin: (name: string) => readonly OutputPiece[];
  readonly more: (text: string) => readonly OutputPiece[];
  /** Text for the reader. Leading blanks of the answer, and those before a call, are no part of it. */
  readonly say: (text: string) => readonly OutputPiece[];
  readonly think: (text: string) => readonly OutputPiece[];
  readonly setThinking: (isThinking: boolean) => void;
  readonly isKnown: (name: string) => boolean;
};
