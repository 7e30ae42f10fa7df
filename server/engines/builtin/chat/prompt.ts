import { randomBytes } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';
import type { ChatMessage, ChatOptions } from '../../../core/generate.ts';
import { detectChatForm, type ChatForm, type ToolForm } from './chat-format.ts';
import { createChatTemplate } from './chat-template.ts';
import { createControlTexts } from './control-texts.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { endsInThought, thoughtClosing, thoughtVariables } from './reasoning.ts';
import { pieceLength, piecesOf } from './tokenize-pieces.ts';
import type { AnswerBegin } from './tool-grammar.ts';
import {
  protectAll,
  toGenericMessages,
  toTemplateMessages,
  toTemplateTools,
  type Protect,
} from './tool-messages.ts';
import { plainChat, usableTools } from './tool-options.ts';

/** Longer texts are kept out of the template, which may write one MiB. */
const longText = 64 * 1024;
/** A request so many times too long is not counted to its end. */
const hopelessFactor = 4;

export type Prompt = {
  readonly tokens: number[];
  /** How calls are written; not always as the model's template has it. */
  readonly tools: ToolForm;
  /** How the answer begins: within a thought, perhaps with one, or without. */
  readonly thought: AnswerBegin['thought'];
};

export type PromptBuilder = {
  readonly form: ChatForm;
  /** The conversation as tokens. Throws an AppError (400) for what this model cannot take. */
  readonly build: (messages: readonly ChatMessage[], chat?: ChatOptions) => Promise<Prompt>;
  /** The same where only the number counts: it may be somewhat more than the model has room for. */
  readonly count: (messages: readonly ChatMessage[], chat: ChatOptions) => Promise<number>;
};

/**
 * Messages to tokens, by the model's own template. What people write never becomes a control token: a text that
 * contains the text of one, or a part of one at an end, is kept out of the template, which sees a placeholder, and is tokenised as plain text.
 * So is a very long text, which need not go through the template's limits.
 */
export function createPromptBuilder(model: LoadedModel): PromptBuilder {
  const template = createChatTemplate(model.chat);
  const form = detectChatForm(model.chat.template);
  const controls = createControlTexts(model.tokenizer.controlTexts);

  async function build(messages: readonly ChatMessage[], chat: ChatOptions = plainChat): Promise<Prompt> {
    const prompt = await tokenize(messages, chat);
    const { length } = prompt.tokens;
    if (length >= model.contextTokens) throw tooLong(model.contextTokens, String(length));
    return prompt;
  }

  async function tokenize(messages: readonly ChatMessage[], chat: ChatOptions): Promise<Prompt> {
    const hidden = new Map<string, string>();
    const marker = randomBytes(12).toString('hex');
    const hide = (text: string): string => {
      const placeholder = `${marker}<${hidden.size}>`;
      hidden.set(placeholder, text);
      return placeholder;
    };
    const protect: Protect = {
      text: (text) => (text.length <= longText && !controls.isRisky(text) ? text : hide(text)),
      // Within JSON the rest of the text must stay, so that the template can write it as JSON.
      inner: (text) => text.replaceAll(controls.pattern, hide),
    };
    const tools = usableTools(chat);
    const render = (toolForm: ToolForm): Promise<string> => {
      const isGeneric = toolForm === 'generic';
      return template.render({
        messages: toTemplateMessages(
          isGeneric ? toGenericMessages(messages, tools) : messages,
          toolForm,
          protect,
        ),
        tools: isGeneric ? [] : toTemplateTools(tools, protect),
        variables: { ...thoughtVariables(chat), ...protectAll(chat.templateArguments, protect) },
      });
    };
    const hasCalls = tools.length > 0 || messages.some(({ toolCalls }) => toolCalls !== undefined);
    let toolForm = form.tools;
    const rendered = await render(toolForm).catch((error: unknown) => {
      // A template that fails at tools may still do for words about them.
      if (!hasCalls || toolForm === 'generic' || !(error instanceof AppError) || error.status !== 400)
        throw error;
      toolForm = 'generic';
      return render(toolForm);
    });
    const { text, thought } = endOf(rendered, chat);
    const parts = text.split(new RegExp(`(${marker}<\\d+>)`));
    return { tokens: await tokenizeParts(model, parts, hidden), tools: toolForm, thought };
  }

  /** A thought that the template has begun is ended there and then if none is wanted. */
  function endOf(rendered: string, chat: ChatOptions): { text: string; thought: Prompt['thought'] } {
    const isUnwanted = chat.reasoningEffort === 'none';
    if (endsInThought(rendered, form.reasoning)) {
      if (!isUnwanted) return { text: rendered, thought: 'open' };
      return { text: rendered + thoughtClosing(form, chat), thought: 'closed' };
    }
    const mayThink = form.tools === 'harmony' || form.reasoning !== null;
    const isEnded = form.reasoning !== null && rendered.trimEnd().endsWith(form.reasoning.close);
    return { text: rendered, thought: mayThink && !isUnwanted && !isEnded ? 'possible' : 'closed' };
  }

  return {
    form,
    build,
    count: async (messages, chat) => (await tokenize(messages, chat)).tokens.length,
  };
}

/** Tokens of all parts, in pieces, since the running streams wait meanwhile. Throws when they are far too many. */
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
  return tokens;
}

function tooLong(contextTokens: number, promptTokens: string): AppError {
  return new AppError(
    `This model's maximum context length is ${contextTokens} tokens, but the request has ${promptTokens} tokens. ` +
      'Please shorten the messages or begin a new conversation.',
    { status: 400, code: 'context_length_exceeded', param: 'messages' },
  );
}
