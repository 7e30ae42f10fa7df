import type { Timers } from '../../../core/clock.ts';
import type { Reach } from '../../../core/download.ts';
import type { IsOffline } from '../../../core/offline.ts';
import { DownloadFault } from './download-fault.ts';
import { askStatus } from './download-http.ts';

export type ReachOptions = {
  /** `https://huggingface.co`, or a mirror of it. */
  readonly hubAddress: () => string;
  readonly isOffline: IsOffline;
  readonly timers: Timers;
};

/** Whoever waits for it looks at a page meanwhile. */
const longestMs = 2_000;

/**
 * Looks whether the hub answers at all, by a whole request and not by its name alone: a network without a way out often
 * resolves names. Whatever the hub says, it is there. However many ask at once, one request goes out.
 */
export function createReach({ hubAddress, isOffline, timers }: ReachOptions): () => Promise<Reach> {
  let asking: Promise<Reach> | null = null;

  async function ask(source: string): Promise<Reach> {
    const late = new AbortController();
    const cancel = timers.after(longestMs, () => late.abort(tooLate()));
    try {
      const tools = { timers, stallMs: longestMs, hub: { address: source, token: null } };
      await askStatus({ url: new URL(source), range: null, signal: late.signal }, tools);
      return { state: 'reachable', source };
    } catch {
      return { state: 'unreachable', source };
    } finally {
      cancel();
    }
  }

  return () => {
    const source = hubAddress();
    if (isOffline()) return Promise.resolve({ state: 'never', source });
    asking ??= ask(source).finally(() => (asking = null));
    return asking;
  };
}

function tooLate(): DownloadFault {
  return new DownloadFault('network', 'No answer within two seconds.');
}
