import type { LogRow } from '../../core/log-row.ts';
import type { TraceContent, TraceEntry } from '../../core/trace.ts';
import type { AttributeValue } from './json.ts';

/**
 * What was said, as attributes: in the JSON of OpenTelemetry's conventions for generative AI (`gen-ai-input-messages.json`,
 * `gen-ai-output-messages.json`, `gen-ai-tool-definitions.json`), or in the one that Langfuse shows as a conversation.
 */

/** Pieces of one message, in their order. */
type Said = { readonly role: TraceEntry['role']; readonly choice: number; readonly pieces: TraceEntry[] };

export function conventionMessages(
  content: TraceContent,
  row: Pick<LogRow, 'finishReason' | 'status'>,
): Record<string, AttributeValue> {
  const finish_reason = finishOf(row);
  const asked = messagesOf(content.asked).map((said) => ({
    role: said.role,
    parts: said.pieces.map(toPart),
  }));
  const answered = messagesOf(content.answered).map((said) => ({
    role: said.role,
    parts: said.pieces.map(toPart),
    finish_reason,
  }));
  const tools = toolsOf(content.asked).map((name) => ({ type: 'function', name }));
  return {
    'gen_ai.input.messages': jsonOf(asked),
    'gen_ai.output.messages': jsonOf(answered),
    'gen_ai.tool.definitions': jsonOf(tools),
    ...ourNotes(content),
  };
}

/** The same for Langfuse, which shows messages in the form of chat completions (ChatML). */
export function langfuseMessages(content: TraceContent): Record<string, AttributeValue> {
  return {
    'langfuse.observation.input': jsonOf(messagesOf(content.asked).map(toChat)),
    'langfuse.observation.output': jsonOf(messagesOf(content.answered).map(toChat)),
    ...ourNotes(content),
  };
}

/** That something is missing or masked must be seen there, too. */
function ourNotes({ leftOut, masked }: TraceContent): Record<string, AttributeValue> {
  return {
    'inglenook.content.left_out': leftOut === 0 ? null : leftOut,
    'inglenook.content.masked': masked === 0 ? null : masked,
  };
}

function jsonOf(list: readonly unknown[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}

/** What tools have answered is one message each; else pieces of one role beside one another are one message. */
function messagesOf(entries: readonly TraceEntry[]): Said[] {
  const messages: Said[] = [];
  for (const entry of entries) {
    if (entry.kind === 'tools') continue;
    const last = messages.at(-1);
    const isSame = last?.role === entry.role && last.choice === entry.choice && entry.role !== 'tool';
    if (isSame) last.pieces.push(entry);
    else messages.push({ role: entry.role, choice: entry.choice, pieces: [entry] });
  }
  return messages;
}

/** Only names are kept. The last may have been cut. */
function toolsOf(entries: readonly TraceEntry[]): string[] {
  const offered = entries.find(({ kind }) => kind === 'tools');
  if (offered === undefined) return [];
  const names = offered.text.split(', ');
  return offered.cut > 0 ? names.slice(0, -1) : names;
}

function toPart(entry: TraceEntry): object {
  const { kind, role, name, text, cut } = entry;
  const note = cut === 0 ? {} : { characters_cut: cut };
  switch (kind) {
    case 'text':
    case 'tools':
      return role === 'tool'
        ? { type: 'tool_call_response', id: name, response: text, ...note }
        : { type: 'text', content: text, ...note };
    case 'reasoning':
      return { type: 'reasoning', content: text, ...note };
    case 'call':
      return { type: 'tool_call', name: name ?? '', arguments: argumentsOf(entry), ...note };
    case 'media':
      // A note of what was there; the conventions allow types of one's own.
      return { type: 'media_note', content: text };
  }
}

/** As they were meant where they are whole, else as they stand. */
function argumentsOf({ text, cut }: TraceEntry): unknown {
  if (cut > 0) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function toChat({ role, pieces }: Said): object {
  const [first] = pieces;
  const text = (kinds: readonly TraceEntry['kind'][]): string | null => {
    const found = pieces.filter(({ kind }) => kinds.includes(kind)).map(withCut);
    return found.length === 0 ? null : found.join('\n');
  };
  const calls = pieces.filter(({ kind }) => kind === 'call');
  const reasoning = text(['reasoning']);
  return {
    role,
    content: text(['text', 'media']),
    ...(role === 'tool' && first?.name != null ? { tool_call_id: first.name } : {}),
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            type: 'function',
            function: { name: call.name ?? '', arguments: withCut(call) },
          })),
        }),
  };
}

function withCut({ text, cut }: TraceEntry): string {
  return cut === 0 ? text : `${text} [… ${cut} more characters]`;
}

/** In the conventions' own words where they have one. */
function finishOf({ finishReason, status }: Pick<LogRow, 'finishReason' | 'status'>): string {
  if (finishReason === 'tool_calls') return 'tool_call';
  return finishReason ?? (status === 'ok' ? 'stop' : status);
}
