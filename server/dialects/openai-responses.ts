import type { AskDialect, Dialect } from './dialect.ts';
import { openAiError } from './openai-errors.ts';
import { responseOfItem, type Item } from './openai-responses-items.ts';
import type { ResponseObject, StoredResponse } from './openai-responses-object.ts';
import { understand, type Asked, type Known } from './openai-responses-request.ts';
import { createResponseBuilder, type ResponseBuilder } from './openai-responses-stream.ts';

/**
 * OpenAI Responses (openai-openapi 2.3.0, `createResponse`), whole and streamed. A request may go on from an earlier
 * response; so the translation has two steps: `readResponses` says what it wants of earlier ones, and this does the rest.
 */

/** What the translation is given by those who keep responses. */
export type ResponsesSurroundings = Known & {
  /** Whether responses are kept at all. */
  readonly mayStore: boolean;
  /** Keeps a response; false where that was not possible. */
  readonly keep: (stored: StoredResponse) => boolean;
  /** What is given to a client in place of a thought, when it asks for it encrypted. */
  readonly sealThought: (thought: string) => string;
  readonly nowSeconds: () => number;
};

/** One request for a response, and what has become of it. */
export type ResponsesDialect = Dialect & {
  readonly responseId: string;
  /** The response as it stands; null until it begins to be answered. */
  readonly snapshot: () => ResponseObject | null;
};

export function openResponses(asked: Asked, around: ResponsesSurroundings): ResponsesDialect {
  const { wire, responseId } = asked;
  const { call, input, offered, echo } = understand(asked, around);
  let builder: ResponseBuilder | null = null;
  const build = (head: Parameters<Dialect['openStream']>[0]): ResponseBuilder =>
    (builder = createResponseBuilder({
      frame: { id: responseId, head, wire, echo },
      offered,
      store: around.mayStore && (wire.store ?? true),
      keep: (response) => around.keep({ response, input }),
      nowSeconds: around.nowSeconds,
      asSummary: (wire.reasoning?.summary ?? wire.reasoning?.generate_summary ?? null) !== null,
      seal: (wire.include ?? []).includes('reasoning.encrypted_content') ? around.sealThought : null,
    }));
  return {
    id: 'openai-responses',
    responseId,
    parse: () => call,
    whole(answer) {
      const whole = build(answer);
      const { text, reasoning, toolCalls, reason, logprobs } = answer.choices[0] ?? emptyChoice;
      whole.take({ type: 'reasoning-delta', text: reasoning, tokens: 0 });
      whole.take({ type: 'text-delta', text, tokens: 0, logprobs: logprobs ?? [] });
      for (const [index, { id, name, arguments: given }] of toolCalls.entries()) {
        whole.take({ type: 'tool-call-start', index, id, name, tokens: 0 });
        whole.take({ type: 'tool-call-delta', index, arguments: given, tokens: 0 });
      }
      whole.take({ type: 'finish', reason, usage: answer.usage });
      whole.end(answer.usage);
      return whole.snapshot();
    },
    openStream(head) {
      const stream = build(head);
      return { encode: stream.take, end: stream.end, fail: stream.fail, keepAlive: stream.keepAlive };
    },
    error: openAiError,
    snapshot: () => builder?.snapshot() ?? null,
  };
}

const emptyChoice = { text: '', reasoning: '', toolCalls: [], reason: 'stop', logprobs: null } as const;

/** `POST /v1/responses/input_tokens`: the length of a request, by the model's own template and tokens. */
export function openTokenCount(asked: Asked, known: Known): AskDialect {
  const { request, dropped } = understand(asked, known).call;
  return {
    id: 'openai-responses-input-tokens',
    error: openAiError,
    parseAsk: () => ({
      model: request.model,
      task: 'generate',
      needsSlot: false,
      dropped,
      async ask(engine, model, signal) {
        const isEmpty = request.messages.length === 0;
        const tokens = isEmpty ? 0 : await engine.countTokens({ ...request, model }, signal);
        return { promptTokens: 0, body: { object: 'response.input_tokens', input_tokens: tokens } };
      },
    }),
  };
}

/** Which earlier responses a request needs: the one it goes on from, and those whose items it names. */
export function wantedResponses({ wire, entries }: Asked): {
  readonly previous: string | null;
  readonly others: readonly string[];
} {
  const owners = entries.flatMap((entry) =>
    entry.kind === 'reference' ? (responseOfItem(entry.id) ?? []) : [],
  );
  return { previous: wire.previous_response_id || null, others: [...new Set(owners)] };
}

/** All items of a kept response, in order. */
export function itemsOf({ input, response }: StoredResponse): readonly Item[] {
  return [...input, ...response.output];
}

export type Page = {
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The id of the item after which the page begins. */
  readonly after: string | null;
};

/** `ResponseItemList`: a page of what a response was given on, newest first unless asked otherwise. */
export function inputItemList(input: readonly Item[], { limit, order, after }: Page): unknown {
  const ordered = order === 'asc' ? input : input.toReversed();
  const begin = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  const data = ordered.slice(begin, begin + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: begin + data.length < ordered.length,
  };
}
