import { portState, trialList, trialName, tryPortRequest, type TrialName } from '../wire/trials.ts';
import { invalidRequest } from '../core/errors.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** What is tried for a minute before it stays, and the port, which is changed only so. */
export const trialRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/trials',
    summary: 'Changes that are on trial: each is taken back at its end by the server unless it is kept.',
    answer: trialList,
    handle: ({ context }) => context.trials.list(),
  }),
  route({
    method: 'post',
    path: '/trials/:name/keep',
    summary: 'Keep a change that is on trial.',
    status: 204,
    handle: ({ context, param }) => context.trials.keep(named(param('name'))),
  }),
  route({
    method: 'post',
    path: '/trials/:name/take-back',
    summary: 'Take a change back that is on trial, without waiting for its end.',
    status: 204,
    handle: ({ context, param }) => context.trials.takeBack(named(param('name'))),
  }),
  route({
    method: 'get',
    path: '/port',
    summary: 'The port the server listens on, and the one it will from the next start on.',
    answer: portState,
    handle: ({ context }) => context.ports.state(),
  }),
  route({
    method: 'post',
    path: '/port',
    summary:
      'Listen on another port as well, for a minute. Kept (`port` of the trials), both answer until the server is started again, and then the new one alone.',
    body: tryPortRequest,
    answer: portState,
    handle: async ({ context, body }) => {
      await context.ports.tryOut(body.port);
      context.trials.begin('port', null);
      return context.ports.state();
    },
  }),
];

function named(text: string): TrialName {
  const name = trialName.safeParse(text).data;
  if (name === undefined) throw invalidRequest(`There are: ${trialName.options.join(', ')}.`, 'name');
  return name;
}
