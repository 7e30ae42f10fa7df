import { hostname } from 'node:os';
import type { Clock, Timers } from './core/clock.ts';
import type { Logger } from './core/logger.ts';
import { createEdge, type Edge } from './edge/edge.ts';
import { ownPrograms } from './http/edge-door.ts';
import { openOffice } from './http/open-office.ts';
import { readNetwork as readThisNetwork, type Network } from './lan/addresses.ts';
import { createNeighbourhood } from './lan/neighbours.ts';
import type { Live } from './record/live.ts';
import type { Audit } from './store/audit.ts';
import { getEdgeSettings } from './store/edge-settings.ts';
import { usualOfficeName } from './store/office-name.ts';
import type { Store } from './store/open.ts';
import { outsideName } from './store/outside.ts';
import { createHttps } from './tls/https.ts';

export type NetworkOptions = {
  readonly store: Store;
  readonly live: Live;
  readonly log: Logger;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly version: string;
  readonly serverSecret: string;
  /** What our own programs on this computer show: the token file's, the window's. */
  readonly ownSecrets: readonly (string | null)[];
  /** Another picture of the network than this computer's; for tests. */
  readonly readNetwork?: (() => Promise<Network>) | undefined;
};

/** How this server stands in the network: the office switch, certificates, others of its kind, the rules at the door. */
export function openNetwork(options: NetworkOptions) {
  const { store, live, log, clock, timers, version, serverSecret, readNetwork } = options;
  const office = openOffice({
    store,
    live,
    log,
    timers,
    clock,
    readNetwork,
    version,
    tls: () => https.announced(),
    isHttpsOnly: () => https.settings().only,
    onNetwork: (network) => void https.follow(network),
  });
  const https = createHttps({
    store,
    clock,
    timers,
    log,
    serverSecret,
    // Devices trust it by that name: it does not follow the owner's.
    name: usualOfficeName(),
    hostname: hostname(),
    readAddresses: async () => {
      const { addresses } = await (readNetwork ?? readThisNetwork)();
      return addresses.map(({ address }) => address);
    },
    onChange: () => void office.refresh(),
  });
  const neighbours = createNeighbourhood({ address: office.bestAddress, ownId: office.id, clock, timers });
  return { office, https, neighbours, edge: openEdge(options) };
}

/** Every block is told to the log, the audit and the console. */
function openEdge({ store, clock, log, audit, live, ownSecrets }: NetworkOptions): Edge {
  return createEdge({
    settings: () => getEdgeSettings(store),
    clock,
    isOwnProgram: ownPrograms(ownSecrets),
    hasPublicName: () => outsideName(store) !== null,
    onBlock: ({ address: ip, reason, wrong, until, times }) => {
      const details = { reason, wrong, until, times };
      log.warn('An address is left outside for a while.', { ip, ...details });
      audit.appendLate({ actor: 'stranger', ip, act: 'edge.block', outcome: 'refused', object: ip, details });
      live.publish({ type: 'edge-changed' });
    },
  });
}
