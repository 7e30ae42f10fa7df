import type { Timers } from '../core/clock.ts';
import type { Text } from '../wire/text.ts';
import { announce, type AdvertisedTls, type Announcement, type AnnounceOptions } from './announcement.ts';
import type { Contest } from './defend.ts';
import { whoElseHas, whyNotAnnounced } from './mdns-sentences.ts';
import { NoNameFree, type OwnNames } from './own-names.ts';

/**
 * Announces the server by mDNS (RFC 6762, RFC 6763): one `_http._tcp` service with the subtypes `_inglenook` and
 * `_openai`. A convenience only: the QR code carries the address. Whatever goes wrong here (the port 5353 taken,
 * the name taken, the network gone) becomes a state to show, is tried again, and never reaches the server.
 */
export type Advertiser = {
  readonly state: () => AdvertisedState;
  /** Says everything anew: after sleep. */
  readonly republish: () => void;
  /** The same, if the name or what is said of TLS is another than was said. */
  readonly refresh: () => void;
  /** Says goodbye and frees the socket. Never rejects. */
  readonly stop: () => Promise<void>;
};

export type AdvertisedState =
  | { readonly phase: 'announcing' }
  | {
      readonly phase: 'announced';
      readonly name: string;
      readonly host: string;
      /** Somebody else uses one of these names too. */
      readonly contested: Text | null;
    }
  | { readonly phase: 'failed'; readonly reason: Text };

export type AdvertiseOptions = Omit<AnnounceOptions, 'lost' | 'tls' | 'name'> & {
  /** Read at each announcement. */
  readonly name: () => string;
  /** Read at each announcement. */
  readonly tls: () => AdvertisedTls;
  readonly timers: Timers;
  readonly onChange: () => void;
};

/** What has failed is tried again after a pause that doubles: port 5353 may come free, the network may come back. */
const firstPauseMs = 5_000;
const longestPauseMs = 300_000;
/** Two that have started together settle it within a second; what goes on longer is told again. */
const contestShownMs = 60_000;

export function advertise(options: AdvertiseOptions): Advertiser {
  let state: AdvertisedState = { phase: 'announcing' };
  let current: Announcement | null = null;
  /** Only the newest announcement may speak. */
  let generation = 0;
  let failures = 0;
  let isStopped = false;
  let cancelRetry = (): void => {};
  let cancelCalm = (): void => {};
  let turn: Promise<void> = Promise.resolve();
  const lost = new Set<string>();
  let said = '';

  const inTurn = (work: () => Promise<void>): Promise<void> => (turn = turn.then(work, work));

  function become(next: AdvertisedState): void {
    if (isStopped) return;
    state = next;
    options.onChange();
  }
  async function close(): Promise<void> {
    generation += 1;
    const closing = current;
    current = null;
    await closing?.end();
  }
  async function begin(): Promise<void> {
    cancelRetry();
    await close();
    if (isStopped) return;
    const mine = generation;
    const ifCurrent =
      <Argument>(act: (argument: Argument) => void) =>
      (argument: Argument): void => {
        if (mine === generation && !isStopped) act(argument);
      };
    const tls = options.tls();
    const name = options.name();
    said = JSON.stringify([tls, name]);
    current = announce(
      { ...options, name, tls, lost },
      {
        onAnnounced: ifCurrent((names: OwnNames) => {
          failures = 0;
          become({ phase: 'announced', ...names, contested: null });
        }),
        onTrouble: ifCurrent(fail),
        onContested: ifCurrent(({ name, by, isLost }: Contest) => {
          if (isLost) {
            lost.add(name);
            void inTurn(begin);
          } else {
            contest(whoElseHas(name, by));
          }
        }),
      },
    );
  }
  function contest(sentence: Text | null): void {
    cancelCalm();
    if (state.phase !== 'announced') return;
    if (sentence !== null) cancelCalm = options.timers.after(contestShownMs, () => contest(null));
    become({ ...state, contested: sentence });
  }
  function fail(error: unknown): void {
    // Whoever held the names may have gone by the next time.
    if (error instanceof NoNameFree) lost.clear();
    void inTurn(close);
    generation += 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
    failures += 1;
    become({ phase: 'failed', reason: whyNotAnnounced(error) });
    cancelRetry();
    cancelRetry = options.timers.after(pauseMs, () => void inTurn(begin));
  }

  function republish(): void {
    lost.clear();
    failures = 0;
    void inTurn(begin);
  }

  void inTurn(begin);
  return {
    state: () => state,
    republish,
    refresh: () => {
      if (JSON.stringify([options.tls(), options.name()]) !== said) republish();
    },
    stop: () => {
      isStopped = true;
      cancelRetry();
      cancelCalm();
      return inTurn(close);
    },
  };
}
