import { availableParallelism, cpus } from 'node:os';

/** How many cores programs other than this process keep busy; null where that cannot be known. */
export type OtherLoad = () => number | null;

export type LoadSources = {
  /** Milliseconds that all cores together have been busy since the computer started; null if unknown. */
  readonly busyMs: () => number | null;
  /** Milliseconds of processor time that this process has used. */
  readonly ownMs: () => number;
  readonly nowMs: () => number;
};

/** Shorter windows measure nothing, as the system counts in steps of 10 ms. */
const windowMs = 300;

/**
 * The load between the last two samples. To be sampled steadily, also while nothing computes: over a long pause the
 * mean would tell of what others did then, not of what they do now.
 */
export function createOtherLoad({ busyMs, ownMs, nowMs }: LoadSources): {
  readonly load: OtherLoad;
  readonly sample: () => void;
} {
  let last = { busy: busyMs(), own: ownMs(), at: nowMs() };
  let load: number | null = null;
  return {
    load: () => load,
    sample() {
      const next = { busy: busyMs(), own: ownMs(), at: nowMs() };
      if (next.busy !== null && last.busy !== null && next.at > last.at) {
        load = Math.max(0, (next.busy - last.busy - (next.own - last.own)) / (next.at - last.at));
      }
      last = next;
    },
  };
}

/** This computer's; within a container that sees more cores than it may use, nothing is known. */
const systemLoadSources: LoadSources = {
  busyMs() {
    const cores = cpus();
    if (cores.length !== availableParallelism()) return null;
    return cores.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  },
  ownMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  nowMs: () => performance.now(),
};

/** Sampled as long as the process lives. */
export function watchOtherLoad(): OtherLoad {
  const { load, sample } = createOtherLoad(systemLoadSources);
  setInterval(sample, windowMs).unref();
  return load;
}
