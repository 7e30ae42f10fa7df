import type { Request, Response } from 'express';
import { AppError } from '../core/errors.ts';
import { openAiChat } from '../dialects/openai-chat.ts';
import { findKey } from '../store/keys.ts';
import { playgroundClient, type PlaygroundQuery } from '../wire/playground.ts';
import { welcomeToApi } from './api-headers.ts';
import type { ServeServices } from './exchange.ts';
import { serve } from './serve.ts';

/** Answers a request of the owner's, who has been let in already. @throws AppError 404 for a key that is not there */
export type Playground = (request: Request, response: Response, as: PlaygroundQuery) => Promise<void>;

/** What clients ask by. */
const chatPath = '/v1/chat/completions';

/**
 * The same path that every client's request takes (`serve.ts`), only that no key is shown: who asks was settled by the
 * admin API.
 */
export function createPlayground(services: ServeServices): Playground {
  return async function askFromConsole(request, response, { as, mayLeave }) {
    const key = as === undefined ? null : findKey(services.store, as);
    if (as !== undefined && key === null) throw keyNotFound(as);
    welcomeToApi(response, services.clock);
    // From here on it is what a client would have sent, and is logged as that.
    request.url = chatPath;
    const { gate } = services;
    const asked = {
      ...gate,
      enter: () => gate.enterOwner({ key, mayLeave: mayLeave === 'true' }),
    };
    const handler = serve(openAiChat, { ...services, gate: asked, client: playgroundClient });
    await handler(request, response, (error: unknown) => {
      throw error;
    });
  };
}

function keyNotFound(name: string): AppError {
  return new AppError(`There is no key named “${name}”.`, {
    status: 404,
    code: 'key_not_found',
    param: 'as',
  });
}
