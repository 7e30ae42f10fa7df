import { hostname } from 'node:os';
import type { Clock, Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { plainAddress } from '../core/ip-address.ts';
import type { LanState } from '../wire/lan.ts';
import type { Text } from '../wire/text.ts';
import { chooseAddress, type Network, type OwnAddress } from './addresses.ts';
import type { AdvertisedState, Advertiser } from './advertise.ts';
import { qrSvg } from './qr.ts';

/** Letting the office in: one switch, and what becomes of it while networks come and go. */
export type Office = {
  readonly state: () => LanState;
  /** Resolves when the listener is open, or closed; also when there is no network: that is a state, no error. */
  readonly set: (on: boolean, wantedAddress: string | null) => Promise<void>;
  /** Every request's remote address passes here; one from another address is the proof (design decision 20). */
  readonly sawRequestFrom: (remoteAddress: string) => void;
  /** The newest request from another computer since the server started; null before the first. */
  readonly lastRequest: () => { readonly address: string; readonly atMs: number } | null;
  /** Since the server started, the newest last, at most `mostChanges`. */
  readonly addressChanges: () => readonly AddressChange[];
  /** Whether a Host header names this computer as the office knows it. */
  readonly isOwnName: (hostname: string) => boolean;
  /** Whether plain http is spoken has changed: the address, its QR code and what is announced follow. */
  readonly refresh: () => Promise<void>;
  /** The computer has woken up or changed its network: looks at once, and says its names anew. */
  readonly lookAgain: () => Promise<void>;
  /** Takes the names off the network and nothing else: what runs may end, and nobody new is led here. */
  readonly withdraw: () => Promise<void>;
  /** The same for as long as nobody is to be led here; what the certificates name stays. */
  readonly silence: (isQuiet: boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Devices were set up with `from`; the office is at `to` now. */
export type AddressChange = { readonly from: string; readonly to: string; readonly atMs: number };

/** What a certificate for this computer has to name. */
export type OwnNetwork = {
  /** Every IPv4 address of it that others could be told; that of the office first. */
  readonly addresses: readonly string[];
  /** `inglenook.local` (or the number it was given), `desk-1`, `desk-1.local`; in small letters. */
  readonly names: readonly string[];
};

export type OfficeOptions = {
  readonly port: () => number;
  /** Rejects with the code `port_in_use` where another program has the port there. */
  readonly openListener: (address: string) => Promise<{ readonly close: () => Promise<void> }>;
  /** The next port at this address that nobody has; null for none. */
  readonly findFreePort: (address: string) => Promise<number | null>;
  readonly advertise: (address: string, onChange: () => void) => Advertiser;
  readonly readNetwork: () => Promise<Network>;
  readonly timers: Timers;
  readonly clock: Clock;
  /** Other computers are answered by https alone. */
  readonly isHttpsOnly?: (() => boolean) | undefined;
  readonly onChange: (state: LanState) => void;
  /** Called whenever addresses or names are others than before, within `networkCheckMs`; only while let in. */
  readonly onNetwork?: (network: OwnNetwork) => void;
  /** For the server's log; the state has the sentences for the owner. */
  readonly onProblem: (message: string, error: unknown) => void;
};

/** Long enough for a person to walk to a phone and scan; then the likely causes are named. */
const doubtfulAfterMs = 60_000;
/** How often the adapters are looked at while the office is let in. */
const networkCheckMs = 5_000;
/** A look that comes so much later than it should: the computer has slept, and others have forgotten its name. */
const sleptMs = 30_000;

const mostChanges = 20;

type Opening = {
  readonly address: string;
  readonly port: number;
  readonly adapter: string;
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
  let portTaken: LanState['portTaken'] = null;
  let previousAddress: string | null = null;
  let reachedFrom: string | null = null;
  let doubtful = false;
  let stopWatching = (): void => {};
  let lastLookMs = 0;
  let toldNetwork = '';
  let lastRequest: ReturnType<Office['lastRequest']> = null;
  let lastAddress: string | null = null;
  let isQuiet = false;
  /** What we were last called by mDNS; the certificate keeps it while we are silent. */
  let lastHost: string | null = null;
  let addressChanges: readonly AddressChange[] = [];
  // One change after the other: the switch, a vanished network and the end may come at the same moment.
  let turn: Promise<void> = Promise.resolve();

  const changed = (): void => {
    options.onChange(state());
    tellNetwork();
  };
  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work, work));

  function state(): LanState {
    const advertised = opening?.advertiser.state();
    return {
      on,
      phase: phase(),
      portTaken: on && opening === null ? portTaken : null,
      address: opening === null ? null : urlOf(opening.address),
      mdnsName: advertised?.phase === 'announced' ? advertised.host : null,
      mdnsProblem: problemOf(advertised),
      qrSvg: opening?.qr ?? null,
      hints: doubtful && reachedFrom === null ? ['firewall', 'guest-wifi', 'other-subnet'] : [],
      reachedFrom,
      plain: !isHttpsOnly(),
      choices: network.addresses.map((own) => ({ ...own })),
      previousAddress,
    };
  }
  function phase(): LanState['phase'] {
    if (!on) return 'off';
    if (opening === null) return portTaken === null ? 'no-network' : 'port-taken';
    if (reachedFrom !== null) return 'reached';
    return doubtful ? 'doubtful' : 'waiting';
  }
  const isHttpsOnly = (): boolean => options.isHttpsOnly?.() === true;
  const urlOf = (address: string): string =>
    `${isHttpsOnly() ? 'https' : 'http'}://${address}:${options.port()}`;

  /** Makes the listener agree with the switch and with the network as it is now. */
  async function follow(): Promise<void> {
    const hasSlept = noteLook();
    network = await options.readNetwork();
    const chosen = on ? chooseAddress(network.addresses, network.routes, wanted) : null;
    const isSamePort = opening === null || opening.port === options.port();
    if (isSamePort && chosen?.address === opening?.address && chosen?.adapter === opening?.adapter) {
      if (hasSlept) opening?.advertiser.republish();
      tellNetwork();
      return;
    }
    await close();
    if (chosen === null) portTaken = null;
    else await open(chosen);
    changed();
  }
  /** By the calendar's clock: the other stands still while the computer sleeps. */
  function noteLook(): boolean {
    const nowMs = options.clock.nowMs();
    const sinceMs = nowMs - lastLookMs;
    lastLookMs = nowMs;
    return sinceMs > networkCheckMs + sleptMs;
  }
  function tellNetwork(): void {
    if (!on || options.onNetwork === undefined) return;
    const own = ownNetwork();
    const told = JSON.stringify(own);
    if (told === toldNetwork) return;
    toldNetwork = told;
    options.onNetwork(own);
  }
  function ownNetwork(): OwnNetwork {
    const advertised = opening?.advertiser.state();
    const others = network.addresses.map((own) => own.address).filter((own) => own !== opening?.address);
    if (advertised?.phase === 'announced') lastHost = advertised.host;
    const isNamed = advertised?.phase === 'announced' || isQuiet;
    return {
      addresses: [...(opening === null ? [] : [opening.address]), ...others.toSorted()],
      names: [...(isNamed && lastHost !== null ? [lastHost] : []), ...computerNames()],
    };
  }
  function noteAddress(to: string): void {
    if (lastAddress !== null && lastAddress !== to) {
      const change = { from: lastAddress, to, atMs: options.clock.nowMs() };
      addressChanges = [...addressChanges, change].slice(-mostChanges);
    }
    lastAddress = to;
  }
  async function open({ address, adapter }: OwnAddress): Promise<void> {
    try {
      const listener = await options.openListener(address);
      const advertiser = isQuiet ? silent : options.advertise(address, changed);
      const cancelDoubt = options.timers.after(doubtfulAfterMs, () => {
        doubtful = true;
        changed();
      });
      portTaken = null;
      const port = options.port();
      opening = {
        address,
        port,
        adapter,
        qr: await qrSvg(urlOf(address)),
        listener,
        advertiser,
        cancelDoubt,
      };
      noteAddress(address);
    } catch (error) {
      await noteTaken(address, error);
      // The address may have gone between looking and opening; the next look tries again.
      options.onProblem(`The office cannot be let in at ${address}.`, error);
    }
  }
  async function noteTaken(address: string, error: unknown): Promise<void> {
    const port = options.port();
    const isTaken = error instanceof AppError && error.code === 'port_in_use';
    if (isTaken && portTaken?.port === port) return;
    portTaken = isTaken ? { port, freePort: await options.findFreePort(address) } : null;
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
        lastLookMs = options.clock.nowMs();
        stopWatching = on ? options.timers.every(networkCheckMs, () => void inTurn(follow)) : () => {};
        await follow();
        changed();
      }),
    lastRequest: () => lastRequest,
    addressChanges: () => addressChanges,
    sawRequestFrom: (remoteAddress) => {
      if (opening === null || isThisComputer(remoteAddress, network)) return;
      lastRequest = { address: plainAddress(remoteAddress), atMs: options.clock.nowMs() };
      if (reachedFrom !== null) return;
      reachedFrom = remoteAddress;
      changed();
    },
    isOwnName: (name) => {
      const advertised = opening?.advertiser.state();
      if (opening === null) return false;
      return (
        name === opening.address ||
        (advertised?.phase === 'announced' && name === advertised.host) ||
        computerNames().includes(name)
      );
    },
    refresh: () =>
      inTurn(async () => {
        if (opening !== null) {
          opening = { ...opening, qr: await qrSvg(urlOf(opening.address)) };
          opening.advertiser.refresh();
        }
        changed();
      }),
    lookAgain: () =>
      inTurn(async () => {
        if (!on) return;
        const before = opening;
        await follow();
        if (opening !== null && opening === before) opening.advertiser.republish();
      }),
    withdraw: async () => opening?.advertiser.stop(),
    silence: (nowQuiet) =>
      inTurn(async () => {
        if (nowQuiet === isQuiet) return;
        isQuiet = nowQuiet;
        if (opening === null) return;
        await opening.advertiser.stop();
        const advertiser = isQuiet ? silent : options.advertise(opening.address, changed);
        opening = { ...opening, advertiser };
        changed();
      }),
    stop: () =>
      inTurn(async () => {
        stopWatching();
        on = false;
        await close();
      }),
  };
}

/** Says nothing. */
const silent: Advertiser = {
  state: () => ({ phase: 'announcing' }),
  republish() {},
  refresh() {},
  stop: async () => {},
};

/** A connection of this computer to itself never leaves through the firewall and so proves nothing. */
function isThisComputer(remoteAddress: string, network: Network): boolean {
  const address = plainAddress(remoteAddress);
  if (address === '127.0.0.1' || address === '::1') return true;
  return network.addresses.some((own) => own.address === address);
}

/** What the computer itself is called on the network; its own system answers for the second by mDNS. */
function computerNames(): readonly string[] {
  const [label = ''] = hostname().toLowerCase().split('.');
  return /^[a-z0-9-]+$/u.test(label) && label !== 'localhost' ? [label, `${label}.local`] : [];
}

function problemOf(advertised: AdvertisedState | undefined): Text | null {
  if (advertised?.phase === 'failed') return advertised.reason;
  return advertised?.phase === 'announced' ? advertised.contested : null;
}
