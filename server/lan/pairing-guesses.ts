/** Who has shown wrong tickets and codes lately; tells when to stop listening (security.md §1, step 7). */
export type Guesses = {
  /** How long this address is not listened to; 0 when it is. */
  readonly waitMs: (ip: string) => number;
  /** Notes a wrong one. True when there have been so many from everywhere that somebody is guessing. */
  readonly wrong: (ip: string) => boolean;
};

const windowMs = 10 * 60_000;
const mostFromOneAddress = 5;
/** 20 guesses at five open codes of 34.5 bits: a chance of 4 in 10⁹. */
const mostFromEverywhere = 20;
/** Bounds memory; on an IPv4 network no office comes near it. */
const mostAddresses = 10_000;

/** Sliding windows in monotonic time. In memory: nobody but the owner can restart the server. */
export function createGuesses(monotonicMs: () => number): Guesses {
  const byAddress = new Map<string, number[]>();
  let everywhere: number[] = [];

  const recent = (times: readonly number[] | undefined): number[] => {
    const sinceMs = monotonicMs() - windowMs;
    return (times ?? []).filter((timeMs) => timeMs > sinceMs);
  };
  return {
    waitMs(ip) {
      const times = recent(byAddress.get(ip));
      const [first] = times;
      if (first === undefined || times.length < mostFromOneAddress) return 0;
      return first + windowMs - monotonicMs();
    },
    wrong(ip) {
      const nowMs = monotonicMs();
      const times = [...recent(byAddress.get(ip)), nowMs];
      // Deleted and set again: a Map keeps the order, so the first entry is the quietest address.
      byAddress.delete(ip);
      byAddress.set(ip, times);
      if (byAddress.size > mostAddresses) byAddress.delete(byAddress.keys().next().value ?? '');
      everywhere = [...recent(everywhere), nowMs];
      if (everywhere.length < mostFromEverywhere) return false;
      everywhere = [];
      return true;
    },
  };
}
