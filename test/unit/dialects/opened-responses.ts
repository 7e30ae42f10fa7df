import { expect } from 'vitest';
import type { FinishReason, GeneratePart, GenerateRequest } from '../../../server/core/generate.ts';
import type { Item } from '../../../server/dialects/openai-responses-items.ts';
import type { StoredResponse } from '../../../server/dialects/openai-responses-object.ts';
import { readResponses } from '../../../server/dialects/openai-responses-request.ts';
import { openResponses, type ResponsesDialect } from '../../../server/dialects/openai-responses.ts';
import { expectValid } from '../../fakes/vendor-schemas.ts';

/** Requests for responses and their streams, with nothing around the translation. */

const responseId = `resp_${'0123456789abcdef'.repeat(2)}`;
export const head = {
  requestId: responseId.replace('resp', 'req'),
  model: 'm',
  createdSeconds: 1_700_000_000,
};
const usage = { promptTokens: 10, cachedTokens: 4, completionTokens: 6, reasoningTokens: 2 };

type Setting = { readonly history?: readonly Item[]; readonly mayStore?: boolean; readonly keeps?: boolean };

export function open(
  body: object,
  setting: Setting = {},
): ResponsesDialect & { readonly kept: StoredResponse[] } {
  const kept: StoredResponse[] = [];
  const asked = readResponses({ model: 'm', input: 'Hi', ...body }, responseId);
  const dialect = openResponses(asked, {
    history: setting.history ?? [],
    referenced: new Map(),
    mayStore: setting.mayStore ?? true,
    keep: (stored) => {
      kept.push(stored);
      return setting.keeps ?? true;
    },
    sealThought: (thought) => `sealed:${thought}`,
    openThought: (sealed) => (sealed.startsWith('sealed:') ? sealed.slice(7) : null),
    nowSeconds: () => 1_700_000_009,
  });
  return { ...dialect, kept };
}

export const requestOf = (body: object): GenerateRequest => open(body).parse(null).request;
export const droppedOf = (body: object): readonly string[] => open(body).parse(null).dropped;

export type Event = {
  readonly type: string;
  readonly sequence_number: number;
  readonly [field: string]: unknown;
};

export function eventsOf(frames: string): Event[] {
  return frames
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const event = JSON.parse(data ?? '') as Event;
      expect(event.type).toBe(name);
      expectValid('ResponseStreamEvent', event);
      return event;
    });
}

export const started: GeneratePart = { type: 'start', promptTokens: 10, cachedTokens: 4 };
export const textPart = (text: string): GeneratePart => ({ type: 'text-delta', text, tokens: 1 });

/** The events of a stream of these parts. */
export function streamOf(
  dialect: ResponsesDialect,
  parts: readonly GeneratePart[],
  reason: FinishReason = 'stop',
): Event[] {
  const stream = dialect.openStream(head, dialect.parse(null), 0);
  const frames = [started, ...parts, { type: 'finish', reason, usage } as const].map((part) =>
    stream.encode(part),
  );
  const events = eventsOf(frames.join('') + stream.end(usage));
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  return events;
}

export function callOf(name: string, ...pieces: string[]): GeneratePart[] {
  return [
    { type: 'tool-call-start', index: 0, id: 'call_1', name, tokens: 1 },
    ...pieces.map((given): GeneratePart => ({
      type: 'tool-call-delta',
      index: 0,
      arguments: given,
      tokens: 1,
    })),
  ];
}
