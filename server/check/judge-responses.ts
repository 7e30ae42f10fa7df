import { z } from 'zod';
import { Fault, insist, objectOf } from './fault.ts';
import type { Frame } from './frames.ts';
import { placeOf, readCall, type JudgedAnswer, type JudgedCall } from './judge-chat.ts';

/** What clients of the Responses API rely on (clients.md §3.12 and §5.3). */

const event = z.looseObject({ type: z.string(), sequence_number: z.int().min(0) });
const response = z.looseObject({
  id: z.string().min(1),
  object: z.literal('response'),
  usage: z.looseObject({
    input_tokens: z.int().min(0),
    output_tokens: z.int().min(0),
    total_tokens: z.int().min(0),
  }),
});
const item = z.looseObject({
  type: z.string(),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.string().nullish(),
});

/** @throws Fault */
export function judgeResponsesStream(frames: readonly Frame[]): JudgedAnswer {
  const events = frames.map(readEvent);
  insist(events[0]?.type === 'response.created', 'the stream does not begin with response.created');
  insist(
    events.every(({ type }, at) => frames[at]?.event === type),
    'the event: line of an event is not its type',
  );
  insist(
    events.every(({ sequence_number: at }, index) => at === index + (events[0]?.sequence_number ?? 0)),
    'sequence_number does not count on',
  );
  const last = events.at(-1);
  insist(last !== undefined, 'the stream has no events');
  const isEnd = last.type === 'response.completed' || last.type === 'response.incomplete';
  insist(isEnd, `the stream ends with ${last.type}`);
  const parsed = response.safeParse(last['response']);
  if (!parsed.success) throw new Fault(`the whole response at the end lacks ${placeOf(parsed.error)}`);
  const done = events.filter(({ type }) => type === 'response.output_item.done');
  insist(done.length > 0, 'no item was told as done');
  return {
    text: events.map(textOf).join(''),
    calls: done.flatMap(callIn),
    finish: last.type === 'response.completed' ? 'completed' : 'incomplete',
    promptTokens: parsed.data.usage.input_tokens,
  };
}

function readEvent({ data }: Frame): z.infer<typeof event> {
  const value = objectOf(data, 'an event');
  const parsed = event.safeParse(value);
  if (!parsed.success) throw new Fault(`an event lacks ${placeOf(parsed.error)}`);
  const { type } = parsed.data;
  if (type === 'error' || type === 'response.failed') throw new Fault(`the stream ends with ${type}`);
  return parsed.data;
}

const spoken = new Set([
  'response.output_text.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
]);

function textOf(one: z.infer<typeof event>): string {
  const { delta } = one;
  return spoken.has(one.type) && typeof delta === 'string' ? delta : '';
}

function callIn(one: z.infer<typeof event>): JudgedCall[] {
  const parsed = item.safeParse(one['item']);
  if (!parsed.success) throw new Fault('an item that is done has no type');
  const { type, call_id: id, name, arguments: text } = parsed.data;
  if (type !== 'function_call') return [];
  insist(typeof id === 'string' && id !== '' && typeof name === 'string', 'a call lacks its call_id or name');
  return [readCall({ id, name, arguments: text ?? '' })];
}
