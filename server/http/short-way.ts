import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';

/** What the short way is made of; with the same outcome as what Express calls on the long one. */
export type ShortWay = {
  /** All that stands before the routes and matters here, in order; each goes on at once, throws, or has answered itself. */
  readonly before: readonly RequestHandler[];
  /** By the path as nearly all clients write it, POST only. */
  readonly posts: ReadonlyMap<string, RequestHandler>;
  readonly onError: ErrorRequestHandler;
};

/**
 * Nearly all requests are POSTs to a few paths, and Express's way to a route, past all that stand before it, costs them as
 * much as the gate. They are handed to the same handlers directly. Whatever is unusual (a browser's origin, another
 * spelling of the path) goes the long way.
 */
export function addShortWay(app: Express, { before, posts, onError }: ShortWay): void {
  const { handle } = app as unknown as { handle: RequestHandler };
  const long: RequestHandler = (request, response, next) => void handle.call(app, request, response, next);
  function isThrough(request: Request, response: Response): boolean {
    let passed = 0;
    const next = (): void => void (passed += 1);
    return before.every((layer, index) => {
      void layer(request, response, next);
      return passed > index;
    });
  }
  const take: RequestHandler = function take(request, response, next): void {
    const handler = request.method === 'POST' ? posts.get(request.url) : undefined;
    if (handler === undefined || request.headers.origin !== undefined)
      return void long(request, response, next);
    dress(app, request, response);
    void answer(handler, request, response);
  };
  async function answer(handler: RequestHandler, request: Request, response: Response): Promise<void> {
    const fail = (error: unknown): void => void onError(error, request, response, () => response.destroy());
    try {
      if (isThrough(request, response)) await handler(request, response, fail);
    } catch (error) {
      fail(error);
    }
  }
  Object.assign(app, { handle: take });
}

/** As Express does it (`app.handle`): handlers find its methods on both. Our listener has made them so (`listen.ts`). */
function dress(app: Express, request: Request, response: Response): void {
  request.res = response;
  response.req = request;
  if (!isMadeBy(app.request, request)) Object.setPrototypeOf(request, app.request);
  if (!isMadeBy(app.response, response)) Object.setPrototypeOf(response, app.response);
}

function isMadeBy(prototype: object, made: object): boolean {
  return Object.prototype.isPrototypeOf.call(prototype, made);
}
