import { vendorErrors } from './vendor-schemas.ts';
import type { WireOperation } from './wire-operations.ts';

/** Judges one stream of server-sent events, write by write. */
export type StreamJudge = {
  /** What one write of the server was given. */
  readonly write: (text: string) => void;
  /** The server has ended the stream of its own accord; `body` is what it was asked. */
  readonly end: (body: unknown) => void;
};

type Complain = (text: string) => void;
type Json = Readonly<Record<string, unknown>>;

/** By clients.md §2.1 and §5.3. */
export function createStreamJudge(operation: WireOperation, complain: Complain): StreamJudge {
  const events: Json[] = [];
  let last = '';
  return {
    write(text) {
      if (!text.endsWith('\n\n')) complain(`a frame is split over two writes: …${text.slice(-80)}`);
      for (const frame of text.split('\n\n').slice(0, -1)) {
        if (last === '[DONE]' || last === 'error') complain(`a frame after the end: ${frame}`);
        // Comments are for people; Continue takes `: ping` for the end (clients.md §2.1).
        if (/^: (?!ping)/u.test(frame)) continue;
        const event = operation.kind === 'responses' ? namedEvent(frame) : dataEvent(frame);
        if (event === null) return complain(`no frame of this dialect: ${frame}`);
        last = event === '[DONE]' ? event : 'error' in event ? 'error' : 'chunk';
        if (event === '[DONE]') continue;
        const schema = last === 'error' && operation.kind !== 'responses' ? 'ErrorResponse' : operation.chunk;
        for (const error of schema === null ? [] : vendorErrors(schema, wholeForm(event))) {
          complain(`no ${schema}: ${error} in ${frame.slice(0, 2000)}`);
        }
        if (last === 'chunk') events.push(event);
      }
    },
    end(body) {
      if (operation.kind === 'completions') {
        if (last === 'chunk' || last === '') complain('the stream ends without [DONE] or an error');
        judgeChunks(events, { isWhole: last === '[DONE]', wantsUsage: wantsUsage(body) }, complain);
      } else judgeEvents(events, complain);
    },
  };
}

/**
 * For a streamed completion the vendor describes the whole form only, in which an answer has finished and its usage
 * is known; on the wire both are null until then, as everybody's clients expect.
 */
function wholeForm(event: Json): Json {
  if (event['object'] !== 'text_completion') return event;
  const { usage, choices, ...rest } = event;
  const finished = (choices as readonly Json[]).map((choice) => ({
    ...choice,
    finish_reason: choice['finish_reason'] ?? 'stop',
  }));
  return { ...rest, choices: finished, ...(usage === null ? {} : { usage }) };
}

function dataEvent(frame: string): Json | '[DONE]' | null {
  if (!frame.startsWith('data: ') || frame.includes('\n')) return null;
  const data = frame.slice('data: '.length);
  return data === '[DONE]' ? data : (JSON.parse(data) as Json);
}

function namedEvent(frame: string): Json | null {
  const [, name, data] = /^event: (.+)\ndata: (.+)$/u.exec(frame) ?? [];
  const event = data === undefined ? null : (JSON.parse(data) as Json);
  return event !== null && event['type'] === name ? event : null;
}

function wantsUsage(body: unknown): boolean {
  const options = (body as { stream_options?: { include_usage?: unknown } | null } | null)?.stream_options;
  return options?.include_usage === true;
}

type Choice = {
  readonly index: number;
  readonly delta?: { readonly role?: unknown; readonly tool_calls?: readonly ToolDelta[] };
  readonly finish_reason?: unknown;
};
type ToolDelta = { readonly index: number; readonly id?: string; readonly function?: object };

/** Role, deltas, finish for each choice; usage after all of them, and only if it was asked for. */
function judgeChunks(
  chunks: readonly Json[],
  { isWhole, wantsUsage: wants }: { readonly isWhole: boolean; readonly wantsUsage: boolean },
  complain: Complain,
): void {
  const heads = new Set(chunks.map(({ id, created, model }) => JSON.stringify([id, created, model])));
  if (heads.size > 1) complain(`the chunks have several heads: ${[...heads].join(' ')}`);
  const usage = chunks.filter(({ choices }) => Array.isArray(choices) && choices.length === 0);
  if (isWhole && usage.length !== Number(wants)) complain(`${usage.length} chunks with usage`);
  if (usage.length === 1 && chunks.at(-1) !== usage[0]) complain('the usage is not the last chunk');
  const byChoice = Map.groupBy(
    chunks.flatMap(({ choices }) => choices as readonly Choice[]),
    ({ index }) => index,
  );
  for (const choices of byChoice.values()) judgeChoice(choices, isWhole, complain);
}

function judgeChoice(choices: readonly Choice[], isWhole: boolean, complain: Complain): void {
  const finished = choices.filter(({ finish_reason: reason }) => typeof reason === 'string');
  if (isWhole && finished.length !== 1) complain(`a choice finishes ${finished.length} times`);
  if (finished.length === 1 && choices.at(-1) !== finished[0]) complain('a delta after finish_reason');
  if (choices[0]?.delta === undefined) return;
  const roles = choices.map(({ delta }) => delta?.role).filter((role) => role !== undefined);
  if (choices[0].delta.role !== 'assistant' || roles.length !== 1) {
    complain(`the role belongs to the first chunk alone: ${JSON.stringify(roles)}`);
  }
  judgeTools(
    choices.flatMap(({ delta }) => delta?.tool_calls ?? []),
    complain,
  );
}

function judgeTools(deltas: readonly ToolDelta[], complain: Complain): void {
  const seen = new Set<number>();
  for (const delta of deltas) {
    const isFirst = !seen.has(delta.index);
    if (isFirst && delta.index !== seen.size) complain(`tool calls are not counted: ${delta.index}`);
    const fields = Object.keys({ ...delta, ...delta.function }).sort();
    const wanted = isFirst ? 'arguments,function,id,index,name,type' : 'arguments,function,index';
    if (fields.join() !== wanted) complain(`a tool call's delta has ${fields.join()}`);
    seen.add(delta.index);
  }
}

/** Numbered from 0 without a gap, and ended by an event that says how it ended. */
function judgeEvents(events: readonly Json[], complain: Complain): void {
  const numbers = events.map(({ sequence_number: number }) => number);
  if (numbers.some((number, index) => number !== index))
    complain(`the events are numbered ${numbers.join()}`);
  const last = String(events.at(-1)?.['type']);
  if (!/^(response\.(completed|incomplete|failed|cancelled)|error)$/u.test(last))
    complain(`the last event is ${last}`);
}
