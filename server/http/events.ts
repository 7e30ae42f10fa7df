import type { Response } from 'express';
import { AppError } from '../core/errors.ts';
import { livePacket } from '../wire/events.ts';
import type { LivePacket } from '../wire/events.ts';
import type { AdminCaller } from './admin-auth.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Proxies close a silent connection after 60 s; this also finds out whether the reader is still there. */
const commentEveryMs = 15_000;
/** What may wait for a slow reader before it is let go; it comes back by itself and gets the whole picture. */
const mostPendingBytes = 1024 * 1024;
const mostStreams = 100;

/** Server-sent events (HTML standard §9.2): one JSON packet per `data:` line. */
export const eventRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/events',
    summary:
      'What happens, live: first the status, the models, the office switch and the downloads, then every change. Ends with the session.',
    isUse: false,
    answer: livePacket,
    answerKind: 'event-stream',
    handle: openEventStream,
  }),
];

/** Open streams of each running server, so that forgotten pages cannot pile up. */
const openStreams = new WeakMap<object, number>();

function openEventStream({ context, caller, response, request }: AdminCall): void {
  const count = openStreams.get(context) ?? 0;
  if (count >= mostStreams) {
    throw new AppError(`There are ${mostStreams} live views open already. Close some of them.`, {
      status: 503,
      code: 'too_many_streams',
      retryAfterSeconds: 30,
    });
  }
  startStream(response);
  // Express answers HEAD by the same route: headers only, so there is nothing to stay for.
  if (request.method === 'HEAD') return void response.end();
  openStreams.set(context, count + 1);

  const send = (packet: LivePacket): void => {
    if (response.writableLength > mostPendingBytes) response.destroy();
    else response.write(`data: ${JSON.stringify(packet)}\n\n`);
  };
  const end = (): void => void response.end();

  send({ type: 'status', status: context.status() });
  send({ type: 'models', models: [...context.engine.models()] });
  send({ type: 'lan', lan: context.office.state() });
  send({ type: 'downloads', downloads: [...context.supply.downloads.list()] });
  const unsubscribe = context.live.subscribe({ onPacket: send, onEnd: end });
  const forget = onCallerEnd(context, caller, end);
  const timer = setInterval(() => {
    if (!isStillSignedIn(context, caller)) end();
    else response.write(': still here\n\n');
  }, commentEveryMs);

  response.on('error', () => undefined);
  response.once('close', () => {
    clearInterval(timer);
    unsubscribe();
    forget();
    openStreams.set(context, (openStreams.get(context) ?? 1) - 1);
  });
  request.socket.setNoDelay(true);
}

/** Signed out, ended from elsewhere, revoked: whatever ends the caller ends the stream at once. */
function onCallerEnd(context: AdminContext, caller: AdminCaller | null, end: () => void): () => void {
  if (caller?.via === 'password') return context.sessions.onEnd(caller.sessionId, end);
  if (caller?.via === 'token' && caller.named !== null)
    return context.namedTokens.onEnd(caller.named.id, end);
  return () => undefined;
}

/** Time runs out without telling anybody. */
function isStillSignedIn(context: AdminContext, caller: AdminCaller | null): boolean {
  if (caller?.via === 'password') return context.sessions.isAlive(caller.sessionId, false);
  return caller?.via !== 'token' || caller.named === null || context.namedTokens.isAlive(caller.named.id);
}

function startStream(response: Response): void {
  response.status(200);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store, no-transform');
  // nginx would otherwise collect the stream before passing it on.
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
}
