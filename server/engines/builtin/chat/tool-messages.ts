import type { ChatMessage, Tool, ToolCall } from '../../../core/generate.ts';
import { invalidRequest } from '../../../core/errors.ts';
import { callsOnlyOne, type ToolForm } from './chat-format.ts';
import { isRecord } from '../grammar/json-schema-branches.ts';
import { parseJson } from './tool-parser-json.ts';

/** A message in the shape that chat templates know (that of the transformers library). */
export type TemplateMessage = {
  readonly role: string;
  /** Null only where a template refuses an empty text. */
  readonly content: string | null;
  readonly name?: string;
  readonly tool_calls?: readonly TemplateToolCall[];
  readonly tool_call_id?: string;
  readonly reasoning_content?: string;
  /** What gpt-oss' template calls it. */
  readonly thinking?: string;
};

export type TemplateToolCall = {
  readonly type: 'function';
  readonly id: string;
  /** `arguments`: an object; the text where a template asks for it. */
  readonly function: { readonly name: string; readonly arguments: unknown };
};

export type TemplateTool = {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly description: string; readonly parameters: unknown };
};

/** Makes harmless what people wrote: it cannot become a control token. */
export type Protect = {
  /** A whole text. */
  readonly text: (text: string) => string;
  /** A text that will stand among others, such as within JSON. */
  readonly inner: (text: string) => string;
};

const mediaNames = { image: 'a picture', audio: 'sound', file: 'a file' } as const;

/** The conversation as the model's template takes it. Throws an AppError (400) for what is not text. */
export function toTemplateMessages(
  messages: readonly ChatMessage[],
  form: ToolForm,
  protect: Protect,
): readonly TemplateMessage[] {
  const ordered = callsOnlyOne(form) ? messages.flatMap(oneCallEach(messages)) : messages;
  const names = new Map(
    messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name])),
  );
  return ordered.map((message) => {
    const called = message.toolCallId === undefined ? undefined : names.get(message.toolCallId);
    return toTemplateMessage(message, called ?? message.name, form, protect);
  });
}

function toTemplateMessage(
  message: ChatMessage,
  name: string | undefined,
  form: ToolForm,
  protect: Protect,
): TemplateMessage {
  const { toolCalls = [], toolCallId, reasoning } = message;
  const content = protect.text(textOf(message));
  // gpt-oss' template refuses thoughts beside text in a message that calls.
  const isThoughtKept = form !== 'harmony' || content === '' || toolCalls.length === 0;
  const thought =
    reasoning === undefined || reasoning === '' || !isThoughtKept ? null : protect.text(reasoning);
  return {
    role: message.role,
    content,
    ...(name === undefined ? {} : { name: protect.text(name) }),
    ...(toolCalls.length === 0
      ? {}
      : { tool_calls: toolCalls.map((call) => toTemplateCall(call, form, protect)) }),
    ...(toolCallId === undefined ? {} : { tool_call_id: protect.text(toTemplateId(toolCallId, form)) }),
    ...(thought === null ? {} : { reasoning_content: thought, thinking: thought }),
  };
}

/** @throws AppError 400 for anything but text, before a model is loaded for it */
export function assertTextOnly(messages: readonly ChatMessage[]): void {
  for (const message of messages) textOf(message);
}

function textOf({ content }: ChatMessage): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text;
      throw invalidRequest(
        `This model reads text only, but a message contains ${mediaNames[part.kind]}.`,
        'messages',
      );
    })
    .join('');
}

function toTemplateCall(call: ToolCall, form: ToolForm, protect: Protect): TemplateToolCall {
  const value = parseJson(call.arguments === '' ? '{}' : call.arguments);
  return {
    type: 'function',
    id: protect.text(toTemplateId(call.id, form)),
    function: {
      name: protect.text(call.name),
      arguments: isRecord(value) ? protectInside(value, protect, 0) : protect.text(call.arguments),
    },
  };
}

/** Mistral's templates take nine letters or digits and nothing else. */
function toTemplateId(id: string, form: ToolForm): string {
  if (!form.startsWith('mistral') || /^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let hash = 0n;
  for (const character of id) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x100000001b3n + 0x9e3779b9n);
  }
  return hash.toString(36).padStart(9, '0').slice(-9);
}

const mostDepth = 100;

/** Settings of the template, as the client has sent them: a template may write them into the prompt. */
export function protectAll(
  values: Readonly<Record<string, unknown>>,
  protect: Protect,
): Readonly<Record<string, unknown>> {
  // Not within JSON: the template may write anything beside them.
  const whole = { ...protect, inner: protect.text };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, protectInside(value, whole)]));
}

/** All texts within a JSON value, keys too. */
function protectInside(value: unknown, protect: Protect, depth = 0): unknown {
  if (depth > mostDepth)
    throw invalidRequest('Arguments or parameters of a tool are nested too deeply.', 'messages');
  if (typeof value === 'string') return protect.inner(value);
  if (Array.isArray(value)) return value.map((item) => protectInside(item, protect, depth + 1));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [protect.inner(key), protectInside(item, protect, depth + 1)]),
  );
}

export function toTemplateTools(tools: readonly Tool[], protect: Protect): readonly TemplateTool[] {
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: {
      name: protect.inner(name),
      description: protect.inner(description ?? ''),
      parameters: protectInside(parameters?.schema ?? { type: 'object', properties: {} }, protect),
    },
  }));
}

/** Some templates know one call in a message: several become several messages, each with its answer behind it. */
function oneCallEach(messages: readonly ChatMessage[]): (message: ChatMessage) => readonly ChatMessage[] {
  const split = new Set(
    messages.flatMap(({ toolCalls = [] }) => (toolCalls.length > 1 ? toolCalls.map(({ id }) => id) : [])),
  );
  const answers = new Map(messages.map((message) => [message.toolCallId, message]));
  return (message) => {
    const { toolCalls = [] } = message;
    if (toolCalls.length > 1) {
      return toolCalls.flatMap((call) => {
        const answer = answers.get(call.id);
        return [{ ...message, toolCalls: [call] }, ...(answer === undefined ? [] : [answer])];
      });
    }
    return message.toolCallId !== undefined && split.has(message.toolCallId) ? [] : [message];
  };
}

/**
 * For a model whose template knows no tools: they are told in words, in the form that most models have read (that of
 * Hermes 2 Pro's published prompt), and calls and their answers become plain messages.
 */
export function toGenericMessages(
  messages: readonly ChatMessage[],
  tools: readonly Tool[],
): readonly ChatMessage[] {
  const plain = joinAnswers(messages.map(withoutCalls));
  if (tools.length === 0) return plain;
  const words = describeTools(tools);
  const [first, ...rest] = plain;
  if (first?.role !== 'system')
    return [{ role: 'system', content: [{ type: 'text', text: words }] }, ...plain];
  return [{ ...first, content: [...first.content, { type: 'text', text: `\n\n${words}` }] }, ...rest];
}

function withoutCalls(message: ChatMessage): ChatMessage {
  const { role, toolCalls = [], reasoning } = message;
  if (role === 'tool') {
    const text = `<tool_response>\n${textOf(message)}\n</tool_response>`;
    return { role: 'user', content: [{ type: 'text', text }] };
  }
  if (toolCalls.length === 0) return message;
  const calls = toolCalls.map(
    ({ name, arguments: given }) => `<tool_call>\n${callText(name, given)}\n</tool_call>`,
  );
  const said = textOf(message);
  const text = [...(said === '' ? [] : [said]), ...calls].join('\n');
  return { role, content: [{ type: 'text', text }], ...(reasoning === undefined ? {} : { reasoning }) };
}

function callText(name: string, given: string): string {
  return `{"name": ${JSON.stringify(name)}, "arguments": ${given === '' ? '{}' : given}}`;
}

/** Many templates want users and assistants to take turns. */
function joinAnswers(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    const isAnswer = isToolAnswer(message);
    if (last !== undefined && isAnswer && isToolAnswer(last)) {
      result[result.length - 1] = {
        ...last,
        content: [...last.content, { type: 'text', text: '\n' }, ...message.content],
      };
    } else {
      result.push(message);
    }
  }
  return result;
}

function isToolAnswer({ role, content }: ChatMessage): boolean {
  const [first] = content;
  return role === 'user' && first?.type === 'text' && first.text.startsWith('<tool_response>\n');
}

function describeTools(tools: readonly Tool[]): string {
  const lines = tools.map(({ name, description, parameters }) =>
    JSON.stringify({
      type: 'function',
      function: { name, description: description ?? '', parameters: parameters?.schema ?? {} },
    }),
  );
  return [
    'You may call functions to help the user. Their signatures are between <tools> and </tools>:',
    '<tools>',
    ...lines,
    '</tools>',
    'To call a function, write a JSON object with its name and arguments between these marks, and nothing after them:',
    '<tool_call>',
    '{"name": "the function", "arguments": {"argument": "value"}}',
    '</tool_call>',
    'Call a function only if it helps, and use the values that the user gave.',
  ].join('\n');
}
