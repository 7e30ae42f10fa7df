import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { AppError, invalidRequest } from '../core/errors.ts';
import { openAiError } from '../dialects/openai-errors.ts';
import { responseIdOf, type Item } from '../dialects/openai-responses-items.ts';
import type { ResponseObject, StoredResponse } from '../dialects/openai-responses-object.ts';
import {
  readResponses,
  readTokenCount,
  type Asked,
  type Known,
} from '../dialects/openai-responses-request.ts';
import { cancelledCode, replayResponse } from '../dialects/openai-responses-stream.ts';
import {
  inputItemList,
  itemsOf,
  openResponses,
  openTokenCount,
  wantedResponses,
  type ResponsesDialect,
} from '../dialects/openai-responses.ts';
import { parseBody } from '../dialects/parse.ts';
import { clientOf } from '../edge/client.ts';
import { invalidKey, presentedKey, type KeyBearing } from '../gate/presented-key.ts';
import {
  deleteResponse,
  findResponse,
  responseHours,
  saveResponse,
  type ResponseOwner,
} from '../store/responses.ts';
import { seal, unseal } from '../store/seal.ts';
import { requireServing, type Exchange, type OpenedDialect, type ServeServices } from './exchange.ts';
import { setStreamHeaders } from './frame-writer.ts';

/** `/v1/responses` and what belongs to it. */
export type ResponsesRoutes = {
  readonly create: OpenedDialect;
  readonly countTokens: OpenedDialect;
  readonly show: RequestHandler;
  readonly remove: RequestHandler;
  readonly cancel: RequestHandler;
  readonly inputItems: RequestHandler;
};

export function responsesRoutes(services: ServeServices): ResponsesRoutes {
  /** What runs, by its exchange; gone with it. */
  const opened = new WeakMap<Exchange, ResponsesDialect>();
  const { store, clock } = services;

  const load = (owner: ResponseOwner, id: string): StoredResponse | undefined =>
    // What we have encrypted ourselves is what we have written.
    findResponse(store, owner, id, clock.nowMs()) as StoredResponse | undefined;

  /** A route that looks something up and computes nothing: no model, no row in the log. */
  function forOwner(
    handle: (request: Request, response: Response, owner: ResponseOwner) => void,
  ): RequestHandler {
    return function answerOwner(request, response) {
      const { keyId } = services.gate.enter(request, clientOf(request).address);
      requireServing(services);
      handle(request, response, { keyId, secret: secretOf(request) });
    };
  }

  function runningResponse(
    owner: ResponseOwner,
    id: string,
  ): { exchange: Exchange; response: ResponseObject } | null {
    for (const exchange of services.running) {
      if (exchange.entry.principal?.keyId !== owner.keyId) continue;
      const dialect = opened.get(exchange);
      const response = dialect?.responseId === id ? dialect.snapshot() : null;
      if (response?.status === 'in_progress') return { exchange, response };
    }
    return null;
  }

  function mustLoad(owner: ResponseOwner, id: string): StoredResponse {
    const stored = load(owner, id);
    if (stored === undefined) throw responseNotFound(id);
    return stored;
  }

  function known(owner: ResponseOwner, asked: Asked): Known {
    const { previous, others } = wantedResponses(asked);
    const before = previous === null ? null : load(owner, previous);
    if (before === undefined) throw previousNotFound(previous ?? '');
    const items = others.flatMap((id): readonly Item[] => {
      const stored = load(owner, id);
      return stored === undefined ? [] : itemsOf(stored);
    });
    return {
      history: before === null ? [] : itemsOf(before),
      referenced: new Map(items.map((item) => [item.id, item])),
      openThought: (sealed) =>
        unseal(Buffer.from(sealed, 'base64'), { secret: owner.secret, purpose: 'thought' }),
    };
  }

  function keep(owner: ResponseOwner, stored: StoredResponse): boolean {
    const { id } = stored.response;
    try {
      return saveResponse(store, owner, { id, value: stored, nowMs: clock.nowMs() });
    } catch (error) {
      // The answer itself is good; it says `store: false`.
      services.log.error('A response could not be kept.', { response: id, error });
      return false;
    }
  }

  return {
    create: {
      id: 'openai-responses',
      error: openAiError,
      open(body, exchange) {
        const owner = ownerOf(exchange);
        const asked = readResponses(body, responseIdOf(exchange.entry.id));
        const dialect = openResponses(asked, {
          ...known(owner, asked),
          mayStore: responseHours(store) > 0,
          keep: (stored) => keep(owner, stored),
          sealThought: (thought) =>
            seal(thought, { secret: owner.secret, purpose: 'thought' }).toString('base64'),
          nowSeconds: () => Math.floor(clock.nowMs() / 1000),
        });
        opened.set(exchange, dialect);
        return dialect;
      },
    },
    countTokens: {
      id: 'openai-responses-input-tokens',
      error: openAiError,
      open(body, exchange) {
        const asked = readTokenCount(body, responseIdOf(exchange.entry.id));
        return openTokenCount(asked, known(ownerOf(exchange), asked));
      },
    },
    show: forOwner((request, response, owner) => {
      const id = idOf(request.params);
      const query = parseBody(showQuery, request.query);
      const isStream = query.stream === 'true';
      const running = runningResponse(owner, id);
      if (running !== null && !isStream) return void response.json(running.response);
      if (running !== null)
        throw invalidRequest('This response is still being streamed to whoever asked for it.', 'stream');
      const stored = mustLoad(owner, id);
      if (!isStream) return void response.json(stored.response);
      if (query.starting_after !== undefined) {
        throw invalidRequest(
          'The events of a response are given from the first on: leave starting_after out.',
          'starting_after',
        );
      }
      setStreamHeaders(response);
      return void response.end(replayResponse(stored.response));
    }),
    remove: forOwner((request, response, owner) => {
      const id = idOf(request.params);
      if (!deleteResponse(store, owner.keyId, id)) throw responseNotFound(id);
      return void response.json({ id, object: 'response', deleted: true });
    }),
    cancel: forOwner((request, response, owner) => {
      const id = idOf(request.params);
      const running = runningResponse(owner, id);
      if (running === null) {
        const { status } = mustLoad(owner, id).response;
        throw invalidRequest(`This response has ended already (${status}); there is nothing to cancel.`);
      }
      const { exchange } = running;
      exchange.abort.abort(cancelled());
      return void response.json({
        ...running.response,
        status: 'cancelled',
        output: running.response.output.map((item) =>
          item.status === 'in_progress' ? { ...item, status: 'incomplete' } : item,
        ),
      });
    }),
    inputItems: forOwner((request, response, owner) => {
      const query = parseBody(itemsQuery, request.query);
      const { input } = mustLoad(owner, idOf(request.params));
      const after = query.after ?? null;
      if (after !== null && !input.some(({ id }) => id === after)) {
        throw invalidRequest(
          `This response was not given an item with the id '${after.slice(0, 200)}'.`,
          'after',
        );
      }
      return void response.json(inputItemList(input, { limit: query.limit, order: query.order, after }));
    }),
  };
}

const showQuery = z.looseObject({
  stream: z.enum(['true', 'false']).optional(),
  starting_after: z.string().optional(),
});

const itemsQuery = z.looseObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().max(1000).optional(),
});

function ownerOf({ request, entry }: Exchange): ResponseOwner {
  if (entry.principal === null) throw invalidKey();
  return { keyId: entry.principal.keyId, secret: secretOf(request) };
}

function secretOf(request: KeyBearing): string {
  const key = presentedKey(request);
  if (key === null) throw invalidKey();
  return key;
}

function idOf(params: Readonly<Record<string, string | string[] | undefined>>): string {
  return String(params['id'] ?? '');
}

/** Also for another key's: nobody learns of what is not theirs. */
function responseNotFound(id: string): AppError {
  return new AppError(`Response with id '${id.slice(0, 200)}' not found.`, {
    status: 404,
    code: 'response_not_found',
    param: 'response_id',
    retryable: false,
  });
}

function previousNotFound(id: string): AppError {
  return new AppError(
    `Previous response with id '${id.slice(0, 200)}' not found. Responses are kept only where \`store\` is true, for the time the owner has set (24 hours unless changed). Send the whole conversation as input.`,
    { status: 400, code: 'previous_response_not_found', param: 'previous_response_id', retryable: false },
  );
}

function cancelled(): AppError {
  return new AppError('The response was cancelled by its own client.', {
    status: 499,
    code: cancelledCode,
    retryable: false,
  });
}
