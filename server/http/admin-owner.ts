import { AppError } from '../core/errors.ts';
import { ownerState, pauseKind, pauseRequest, type OwnerState, type PauseRequest } from '../wire/owner.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** The owner takes the computer back, or gives it to the office again. `:what` is `gpu` or `all`. */
export const ownerRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/owner',
    summary: 'Whether the owner has taken the computer back, and how the office hours stand.',
    answer: ownerState,
    handle: ({ context }) => context.owner.state(),
  }),
  route({
    method: 'put',
    path: '/pauses/:what',
    summary:
      'gpu: let running answers end, take no new ones for the models of this computer, and unload them; upstreams go on. all: answer nobody and leave the network. For so many seconds, or until it is ended. Asked again, it changes the end.',
    body: pauseRequest,
    answer: ownerState,
    handle: take,
  }),
  route({
    method: 'delete',
    path: '/pauses/:what',
    summary:
      'End it. After gpu, what had been in memory is loaded again. Where there was none nothing happens.',
    answer: ownerState,
    handle: ({ context, param }) => {
      context.owner.pauses.lift(kindOf(param('what')), 'asked');
      return context.owner.state();
    },
  }),
];

function take({ context, param, body }: AdminCall<PauseRequest>): OwnerState {
  const { seconds, drainSeconds } = body;
  context.owner.pauses.take(kindOf(param('what')), {
    forMs: seconds === null ? null : seconds * 1000,
    drainMs: drainSeconds * 1000,
    by: 'owner',
  });
  return context.owner.state();
}

function kindOf(text: string) {
  const kind = pauseKind.safeParse(text).data;
  if (kind !== undefined) return kind;
  throw new AppError(`There is no pause named “${text.slice(0, 100)}”. There are gpu and all.`, {
    status: 404,
    code: 'pause_not_found',
    retryable: false,
  });
}
