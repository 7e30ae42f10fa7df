import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import { getEdgeSettings, setEdgeSettings } from '../store/edge-settings.ts';
import { changeEdgeRequest, edgeBlockList, edgeState, type EdgeSettings } from '../wire/edge.ts';
import { trialQuery, type TrialName } from '../wire/trials.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Who may knock, and who is left outside for a while. The settings have names too: `edge.allow` and so on. */
export const edgeRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/edge',
    summary:
      'From where requests are taken, and how many; open connections, what was turned away, and who is blocked.',
    answer: edgeState,
    handle: ({ context }) => context.edge.state(),
  }),
  route({
    method: 'patch',
    path: '/edge',
    summary:
      'Changes what is given; it counts at once. With trial=true it is taken back after a minute unless it is kept. 409 for what would shut out whoever asks for it.',
    query: trialQuery,
    body: changeEdgeRequest,
    answer: edgeState,
    handle: (call) => {
      const { trials, store } = call.context;
      const change = onlyGiven(call.body);
      const before = getEdgeSettings(store);
      changeEdge(call, change);
      for (const [name, part] of partsOf(change)) {
        if (call.query.trial === 'true' && !isOpen(part)) trials.begin(name, pick(before, part));
        else trials.drop(name);
      }
      return call.context.edge.state();
    },
  }),
  route({
    method: 'get',
    path: '/edge/blocks',
    summary: 'Addresses that are left outside for a while, with the reason and until when; the newest first.',
    answer: edgeBlockList,
    handle: ({ context }) => context.edge.state().blocks,
  }),
  route({
    method: 'delete',
    path: '/edge/blocks/:address',
    summary: 'Lifts a block, and forgets what led to it. A network is written with %2F for its slash.',
    status: 204,
    handle: ({ context, param }) => {
      const address = param('address');
      if (!context.edge.lift(address)) throw notBlocked(address);
      context.log.info('A block was lifted.', { address });
      context.live.publish({ type: 'edge-changed' });
    },
  }),
];

/**
 * Counts from the next request and the next connection; what runs goes on.
 * @throws AppError 409 where whoever asks would be shut out
 */
export function changeEdge(
  { context, request }: Pick<AdminCall, 'context' | 'request'>,
  change: Partial<EdgeSettings>,
): void {
  context.edge.requireWayBack(change, request, clientOf(request));
  setEdgeSettings(context.store, change);
  context.log.info('The rules of the edge were changed.', { ...getEdgeSettings(context.store) });
  context.live.publish({ type: 'edge-changed' });
}

/** The allow-list is tried apart from the numbers. */
function partsOf(change: Partial<EdgeSettings>): [TrialName, Partial<EdgeSettings>][] {
  const { allow, trustedProxies: _proxies, blockGuessers: _guessers, ...limits } = change;
  return [
    ...(allow === undefined ? [] : [['allow', { allow }] as [TrialName, Partial<EdgeSettings>]]),
    ...(Object.keys(limits).length === 0 ? [] : [['limits', limits] as [TrialName, Partial<EdgeSettings>]]),
  ];
}

/** A list that lets everybody knock shuts nobody out. */
function isOpen({ allow }: Partial<EdgeSettings>): boolean {
  return allow !== undefined && allow.length === 0;
}

/** What the settings of `change` are in `settings`. */
function pick(settings: EdgeSettings, change: Partial<EdgeSettings>): Partial<EdgeSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => Object.hasOwn(change, name)));
}

/** Fields that are `undefined` are those that were left out. */
function onlyGiven(change: {
  readonly [Name in keyof EdgeSettings]?: EdgeSettings[Name] | undefined;
}): Partial<EdgeSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function notBlocked(address: string): AppError {
  return new AppError(`${address.slice(0, 100)} is not blocked, or not any more.`, {
    status: 404,
    code: 'block_not_found',
    retryable: false,
  });
}
