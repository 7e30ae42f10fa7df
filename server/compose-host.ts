import type { Owner } from './compose-owner.ts';
import type { Engine } from './core/engine.ts';
import type { HostSide, WaitingDevice } from './host-news.ts';
import type { BrowserTickets } from './http/browser-tickets.ts';
import type { SetupCode } from './http/setup-code.ts';
import type { Office } from './lan/office.ts';
import type { Pairing } from './lan/pairing.ts';
import type { LedgerState } from './record/settle.ts';
import { ownerPasswordHash } from './store/owner.ts';
import type { Store } from './store/open.ts';
import type { HostPause, HostState } from './wire/host.ts';
import type { Updates } from './updates/updates.ts';
import type { Pausing, PausesState } from './wire/owner.ts';

export type HostParts = {
  readonly store: Store;
  readonly address: string;
  readonly office: Pick<Office, 'state' | 'lookAgain'>;
  readonly router: { readonly active: () => number; readonly waiting: () => number };
  readonly others: { readonly all: Pick<Engine, 'models'> };
  readonly ledger: { readonly state: () => LedgerState };
  readonly pairing: Pick<Pairing, 'list'>;
  readonly setup: SetupCode | null;
  readonly browserTickets: BrowserTickets;
  readonly owner: Pick<Owner, 'state' | 'fromHost' | 'wantsAwake'>;
  readonly updates: Pick<Updates, 'state'>;
};

/** What the app sees and does, put together of the parts that know it. */
export function createHostSide(parts: HostParts): HostSide {
  const { store, address, office, router, others, ledger, pairing, setup, browserTickets, owner, updates } =
    parts;
  return {
    state: () => ({
      phase: 'serving',
      pauses: toHostPauses(owner.state().pauses),
      active: router.active() + router.waiting(),
      models: others.all.models().flatMap(({ id, state }) => (state === 'ready' ? [id] : [])),
      lanAddress: office.state().address,
      keepAwake: wantedAwake(parts),
      update: newerVersion(updates),
      error: ledger.state().problem,
    }),
    waiting: () => pairing.list().flatMap(waitingDevice),
    pause: owner.fromHost.pause,
    resume: owner.fromHost.resume,
    lookAtNetwork: () => void office.lookAgain(),
    ticketUrl() {
      // Before there is a password the browser sets one first, as after a start without the app.
      if (setup !== null && ownerPasswordHash(store) === null)
        return `${address}/console/setup#${setup.token}`;
      return `${address}/console/sign-in#${browserTickets.issue()}`;
    },
  };
}

/** Without office hours every hour counts in which others may come. */
function wantedAwake({ owner, office }: HostParts): HostState['keepAwake'] {
  if (owner.wantsAwake()) return 'hours';
  const { pauses, hours } = owner.state();
  return hours.open === null && pauses.all === null && office.state().address !== null ? 'serving' : 'no';
}

function newerVersion({ state }: HostParts['updates']): HostState['update'] {
  const { news } = state();
  return news === null ? null : { version: news.version, isSecurity: news.isSecurity };
}

function toHostPauses({ gpu, all }: PausesState): HostState['pauses'] {
  return { gpu: toHostPause(gpu), all: toHostPause(all) };
}

function toHostPause(pausing: Pausing | null): HostPause | null {
  if (pausing === null) return null;
  const { until, phase } = pausing;
  return { untilMs: until === null ? null : Date.parse(until), isDone: phase === 'held' };
}

/** Who has been approved already waits for nobody. */
function waitingDevice({ id, state, join }: ReturnType<Pairing['list']>[number]): WaitingDevice[] {
  if (state !== 'waiting' || join === null || join.approvedAt !== null) return [];
  return [{ id, device: join.device, code: join.matchCode }];
}
