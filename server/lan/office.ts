import type { Timers } from '../core/clock.ts';
import type { LanState } from '../wire/lan.ts';
import { chooseAddress, type Network } from './addresses.ts';
import type { Advertiser } from './advertise.ts';
import { qrSvg } from './qr.ts';

/** Letting the office in: one switch, and what becomes of it while networks come and go. */
export type Office = {
  readonly state: () => LanState;
  /** Resolves when the listener is open, or closed; also when there is no network: that is a state, no error. */
  readonly set: (on: boolean, wantedAddress: string | null) => Promise<void>;
  /** Every request's remote address passes here; one from another address is the proof (design decision 20). */
  readonly sawRequestFrom: (remoteAddress: string) => void;
  /** Whether a Host header names this computer as the office knows it. */
  readonly isOwnName: (hostname: string) => boolean;
  readonly stop: () => Promise<void>;
};

export type OfficeOptions = {
  readonly port: () => number;
  readonly openListener: (address: string) => Promise<{ readonly close: () => Promise<void> }>;
  readonly advertise: (address: string, onChange: () => void) => Advertiser;
  readonly readNetwork: () => Promise<Network>;
  readonly timers: Timers;
  readonly onChange: (state: LanState) => void;
  /** For the server's log; the state has the sentences for the owner. */
  readonly onProblem: (message: string, error: unknown) => void;
};

/** Long enough for a person to walk to a phone and scan; then the likely causes are named. */
const doubtfulAfterMs = 60_000;
/** How often the adapters are looked at while the office is let in. */
const networkCheckMs = 5_000;

type Opening = {
  readonly address: string;
  readonly qr: string;
  readonly listener: { readonly close: () => Promise<void> };
  readonly advertiser: Advertiser;
  readonly cancelDoubt: () => void;
};

export function createOffice(options: OfficeOptions): Office {
  let on = false;
  let wanted: string | null = null;
  let network: Network = { addresses: [], routes: [] };
  let opening: Opening | null = null;
  let previousAddress: string | null = null;
  let reachedFrom: string | null = null;
  let doubtful = false;
  let stopWatching = (): void => {};
  // One change after the other: the switch, a vanished network and the end may come at the same moment.
  let turn: Promise<void> = Promise.resolve();

  const changed = (): void => options.onChange(state());
  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work, work));

  function state(): LanState {
    const advertised = opening?.advertiser.state();
    return {
      on,
      phase: phase(),
      address: opening === null ? null : urlOf(opening.address),
      mdnsName: advertised?.phase === 'announced' ? advertised.host : null,
      mdnsProblem: advertised?.phase === 'failed' ? advertised.reason : null,
      qrSvg: opening?.qr ?? null,
      hints: doubtful && reachedFrom === null ? ['firewall', 'guest-wifi', 'other-subnet'] : [],
      reachedFrom,
      plain: true,
      choices: network.addresses.map((own) => ({ ...own })),
      previousAddress,
    };
  }
  function phase(): LanState['phase'] {
    if (!on) return 'off';
    if (opening === null) return 'no-network';
    if (reachedFrom !== null) return 'reached';
    return doubtful ? 'doubtful' : 'waiting';
  }
  const urlOf = (address: string): string => `http://${address}:${options.port()}`;

  /** Makes the listener agree with the switch and with the network as it is now. */
  async function follow(): Promise<void> {
    network = await options.readNetwork();
    const chosen = on ? chooseAddress(network.addresses, network.routes, wanted) : null;
    if (chosen?.address === opening?.address) return;
    await close();
    if (chosen !== null) await open(chosen.address);
    changed();
  }
  async function open(address: string): Promise<void> {
    try {
      const listener = await options.openListener(address);
      const advertiser = options.advertise(address, changed);
      const cancelDoubt = options.timers.after(doubtfulAfterMs, () => {
        doubtful = true;
        changed();
      });
      opening = { address, qr: await qrSvg(urlOf(address)), listener, advertiser, cancelDoubt };
    } catch (error) {
      // The address may have gone between looking and opening; the next look tries again.
      options.onProblem(`The office cannot be let in at ${address}.`, error);
    }
  }
  async function close(): Promise<void> {
    const closing = opening;
    if (closing === null) return;
    opening = null;
    doubtful = false;
    reachedFrom = null;
    if (on) previousAddress = urlOf(closing.address);
    closing.cancelDoubt();
    await closing.advertiser.stop();
    await closing.listener.close();
  }

  return {
    state,
    set: (nowOn, wantedAddress) =>
      inTurn(async () => {
        on = nowOn;
        wanted = wantedAddress;
        previousAddress = null;
        stopWatching();
        stopWatching = on ? options.timers.every(networkCheckMs, () => void inTurn(follow)) : () => {};
        await follow();
        changed();
      }),
    sawRequestFrom: (remoteAddress) => {
      if (opening === null || reachedFrom !== null || isThisComputer(remoteAddress, network)) return;
      reachedFrom = remoteAddress;
      changed();
    },
    isOwnName: (hostname) => {
      const advertised = opening?.advertiser.state();
      return (
        hostname === opening?.address || (advertised?.phase === 'announced' && hostname === advertised.host)
      );
    },
    stop: () =>
      inTurn(async () => {
        stopWatching();
        on = false;
        await close();
      }),
  };
}

/** A connection of this computer to itself never leaves through the firewall and so proves nothing. */
function isThisComputer(remoteAddress: string, network: Network): boolean {
  const address = remoteAddress.replace(/^::ffff:/, '');
  if (address === '127.0.0.1' || address === '::1') return true;
  return network.addresses.some((own) => own.address === address);
}
