import type { RequestHandler } from 'express';
import { AppError } from '../core/errors.ts';

/** Hands on news of newer versions, word for word as their makers signed them: whoever gets them checks that. */
export function sendUpdateFeed(seen: () => string | null): RequestHandler {
  return function sendFeed(_request, response) {
    const feed = seen();
    if (feed === null) {
      throw new AppError('This server has seen no news of newer versions.', {
        status: 404,
        code: 'no_updates',
        retryable: false,
      });
    }
    response.setHeader('Cache-Control', 'no-cache');
    response.type('application/json').send(feed);
  };
}
