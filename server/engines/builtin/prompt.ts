import { randomBytes } from 'node:crypto';
import { AppError, invalidRequest } from '../../core/errors.ts';
import type { ChatMessage } from '../../core/generate.ts';
import { createChatTemplate, type TemplateMessage } from './chat-template.ts';
import type { LoadedModel } from './loaded-model.ts';

/** Longer texts are kept out of the template (which may write one MiB) and tokenised in pieces of this length. */
const longText = 64 * 1024;
const pieceLength = 16 * 1024;
/** A request so many times too long is not counted to its end. */
const hopelessFactor = 4;

export type PromptBuilder = {
  /** The conversation as tokens. Throws an AppError (400) for what this model cannot take. */
  readonly build: (messages: readonly ChatMessage[]) => Promise<number[]>;
};

/**
 * Messages to tokens, by the model's own template. What people write never becomes a control token: a text that
 * contains the text of one is kept out of the template, which sees a placeholder, and is tokenised as plain text.
 * So is a very long text, which need not go through the template's limits.
 */
export function createPromptBuilder(model: LoadedModel): PromptBuilder {
  const template = createChatTemplate(model.chat);
  const holdsControlText = controlTextMatcher(model.tokenizer.controlTexts);
  return {
    async build(messages) {
      const hidden = new Map<string, string>();
      const marker = randomBytes(12).toString('hex');
      const protect = (text: string): string => {
        if (text.length <= longText && !holdsControlText(text)) return text;
        const placeholder = `${marker}<${hidden.size}>`;
        hidden.set(placeholder, text);
        return placeholder;
      };
      const rendered = await template.render(messages.map((message) => toTemplateMessage(message, protect)));
      const parts = rendered.split(new RegExp(`(${marker}<\\d+>)`));
      return tokenizeParts(model, parts, hidden);
    },
  };
}

const mediaNames = { image: 'a picture', audio: 'sound', file: 'a file' } as const;

function toTemplateMessage(message: ChatMessage, protect: (text: string) => string): TemplateMessage {
  const text = message.content
    .map((part) => {
      if (part.type === 'text') return part.text;
      throw invalidRequest(
        `This model reads text only, but a message contains ${mediaNames[part.kind]}.`,
        'messages',
      );
    })
    .join('');
  return {
    role: message.role,
    content: protect(text),
    ...(message.name === undefined ? {} : { name: protect(message.name) }),
  };
}

/** Tokens of all parts, in pieces, since the running streams wait meanwhile. Throws when they do not fit. */
async function tokenizeParts(
  { tokenizer, contextTokens }: LoadedModel,
  parts: readonly string[],
  hidden: ReadonlyMap<string, string>,
): Promise<number[]> {
  const tokens: number[] = [];
  for (const part of parts) {
    const content = hidden.get(part);
    for (const piece of piecesOf(content ?? part)) {
      for (const token of tokenizer.tokenize(piece, content === undefined)) tokens.push(token);
      if (tokens.length > contextTokens * hopelessFactor)
        throw tooLong(contextTokens, `more than ${tokens.length}`);
      if (piece.length > pieceLength / 2) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { bosToken } = tokenizer;
  if (bosToken !== null && tokens[0] !== bosToken) tokens.unshift(bosToken);
  if (tokens.length >= contextTokens) throw tooLong(contextTokens, String(tokens.length));
  return tokens;
}

/** One piece for nearly every text; a cut may cost a token of accuracy, so it is made between lines or words. */
function* piecesOf(text: string): Generator<string> {
  let rest = text;
  while (rest.length > pieceLength) {
    const window = rest.slice(0, pieceLength);
    const cut = Math.max(window.lastIndexOf('\n'), window.lastIndexOf(' '));
    const end = cut > pieceLength / 2 ? cut : pieceLength;
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  yield rest;
}

function controlTextMatcher(texts: readonly string[]): (text: string) => boolean {
  if (texts.length === 0) return () => false;
  const pattern = new RegExp(texts.map(escapePattern).join('|'));
  return (text) => pattern.test(text);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

function tooLong(contextTokens: number, promptTokens: string): AppError {
  return new AppError(
    `This model's maximum context length is ${contextTokens} tokens, but the request has ${promptTokens} tokens. ` +
      'Please shorten the messages or begin a new conversation.',
    { status: 400, code: 'context_length_exceeded', param: 'messages' },
  );
}
