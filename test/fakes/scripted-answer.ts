import type { ChatMessage, GeneratePart, GenerateRequest } from '../../server/core/generate.ts';
import type { FakeAnswer } from './fake-engine.ts';

/** What is said where the conversation gives no order. */
export const scriptedWords = 'Hello from the script.';

/**
 * An engine that does what the newest user message orders, so that programs which nobody here controls can be led
 * through a whole task by their prompt alone:
 * - `call NAME({…})`, once or several times: calls these tools, if the client offers them;
 * - `think: WORDS;`: thinks so before it goes on;
 * - `answer exactly: TEXT` up to the end: says the text.
 *
 * A tool's result is repeated: `The tool said: …`. Everything else gets `scriptedWords`.
 */
export function scriptedAnswer(request: GenerateRequest): Partial<FakeAnswer> {
  const messages = request.messages.filter(({ role }) => role !== 'system');
  const last = messages.at(-1);
  if (last === undefined) return say(scriptedWords);
  if (last.role === 'tool') return say(`The tool said: ${resultsAtTheEnd(messages).join(' and ')}`);
  const order = textOf(messages.findLast(({ role }) => role === 'user') ?? last);
  const thought = /think: ([^;]+);/u.exec(order)?.[1] ?? '';
  const calls = callsIn(order, request);
  if (calls.length > 0) return callTools(calls, { thought, turn: messages.length });
  return say(/answer exactly: ([^]+)$/u.exec(order)?.[1]?.trim() ?? scriptedWords, thought);
}

type OrderedCall = { readonly name: string; readonly arguments: string };

/** Only what was offered and may be called. */
function callsIn(order: string, { chat }: GenerateRequest): OrderedCall[] {
  if (chat === undefined || chat.toolChoice === 'none') return [];
  const offered = new Set(chat.tools.map(({ name }) => name));
  const found = [...order.matchAll(/call ([\w.-]+)\((\{[^]*?\})\)/gu)]
    .map(([, name = '', text = '']) => ({ name, arguments: text }))
    .filter(({ name }) => offered.has(name));
  return chat.parallelToolCalls ? found : found.slice(0, 1);
}

function callTools(
  calls: readonly OrderedCall[],
  { thought, turn }: { thought: string; turn: number },
): Partial<FakeAnswer> {
  const parts = calls.flatMap((call, index): GeneratePart[] => {
    // In two pieces, as a model's tokens come.
    const middle = Math.ceil(call.arguments.length / 2);
    const pieces = [call.arguments.slice(0, middle), call.arguments.slice(middle)];
    return [
      { type: 'tool-call-start', index, id: `call_${turn}_${index}`, name: call.name, tokens: 1 },
      ...pieces.map((piece) => ({ type: 'tool-call-delta', index, arguments: piece, tokens: 1 }) as const),
    ];
  });
  return { reason: 'tool_calls', words: parts.map(() => ''), parts: [...thinking(thought), ...parts] };
}

function say(text: string, thought = ''): Partial<FakeAnswer> {
  const words = text.split(/(?<= )/u);
  if (thought === '') return { words };
  const spoken = words.map((word) => ({ type: 'text-delta', text: word, tokens: 1 }) as const);
  return { words, parts: [...thinking(thought), ...spoken] };
}

function thinking(thought: string): GeneratePart[] {
  return thought === '' ? [] : [{ type: 'reasoning-delta', text: thought, tokens: 1 }];
}

/** The results of the newest turn, in their order. */
function resultsAtTheEnd(messages: readonly ChatMessage[]): string[] {
  const before = messages.findLastIndex(({ role }) => role !== 'tool');
  return messages.slice(before + 1).map(textOf);
}

function textOf({ content }: ChatMessage): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
