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

/** Shorter windows measure nothing: the system counts in steps of 10 ms. */
const windowMs = 300;

/** Measured over the last third of a second; asking more often costs nothing. */
export function createOtherLoad({ busyMs, ownMs, nowMs }: LoadSources): OtherLoad {
  let last = { busy: busyMs(), own: ownMs(), at: nowMs() };
  let load: number | null = null;
  return () => {
    const at = nowMs();
    if (at - last.at < windowMs) return load;
    const next = { busy: busyMs(), own: ownMs(), at };
    if (next.busy !== null && last.busy !== null) {
      load = Math.max(0, (next.busy - last.busy - (next.own - last.own)) / (at - last.at));
    }
    last = next;
    return load;
  };
}

/** This computer's; within a container that sees more cores than it may use, nothing is known. */
export const systemLoadSources: LoadSources = {
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
