import { describe, expect, it } from 'vitest';
import { createOtherLoad } from '../../../server/engines/builtin/ticks/other-load.ts';
import { createThreadChoice } from '../../../server/engines/builtin/ticks/thread-choice.ts';

/** Runs ticks of eight tokens and gives the thread counts used; `msOf` says how long a tick takes. */
function ticks(
  choice: ReturnType<typeof createThreadChoice>,
  count: number,
  msOf: (threads: number) => number,
  tokens = 8,
): number[] {
  return Array.from({ length: count }, () => {
    const threads = choice.choose(tokens);
    choice.note({ tokens, threads, ms: msOf(threads) });
    return threads;
  });
}

const share = (used: readonly number[], threads: number) =>
  used.filter((value) => value === threads).length / used.length;

describe('choice of threads', () => {
  const idle = (threads: number) => (threads === 1 ? 60 : 40);
  const disturbed = (threads: number) => (threads === 1 ? 60 : 2000);

  it('begins with a core to spare and takes it when that is measured to be faster', () => {
    const choice = createThreadChoice({ least: 1, most: 2 }, () => 0);
    const used = ticks(choice, 100, idle);
    expect(used.slice(0, 4)).toEqual([1, 1, 1, 1]);
    expect(share(used.slice(10), 2)).toBeGreaterThan(0.9);
  });

  it('chooses for each size of tick by itself', () => {
    const choice = createThreadChoice({ least: 1, most: 2 }, () => 0);
    ticks(choice, 50, idle, 8);
    ticks(choice, 50, (threads) => (threads === 1 ? 12 : 18), 1);
    expect([choice.choose(8), choice.choose(1)]).toEqual([2, 1]);
  });

  it('gives the core back as soon as ticks become slower, and tries again ever more rarely', () => {
    const choice = createThreadChoice({ least: 1, most: 2 }, () => 0);
    ticks(choice, 50, idle);
    const used = ticks(choice, 1000, disturbed);
    expect(used.slice(0, 4)).toContain(1);
    expect(used.filter((threads) => threads === 2).length).toBeLessThan(10);
    expect(share(ticks(choice, 3000, idle).slice(-500), 2)).toBeGreaterThan(0.9);
  });

  it('does not even try while other programs compute, or where the load is seen', () => {
    let load: number | null = 1;
    const choice = createThreadChoice({ least: 1, most: 2 }, () => load);
    expect(share(ticks(choice, 500, disturbed), 1)).toBe(1);
    load = 0.1;
    expect(share(ticks(choice, 100, idle).slice(10), 2)).toBeGreaterThan(0.9);
    load = 0.9;
    expect(choice.choose(8)).toBe(1);
  });

  it('leaves as many cores to other programs as they keep busy, and says so', () => {
    let load = 0;
    const choice = createThreadChoice({ least: 7, most: 8 }, () => load);
    ticks(choice, 100, (threads) => (threads === 7 ? 60 : 50));
    expect(choice.choose(8)).toBe(8);
    expect(choice.reason()).toMatch(
      /^8 is the faster number of threads for this kind of work: 6\.\d against 7\.5 ms/,
    );
    load = 0.9;
    expect(choice.choose(8)).toBe(7);
    expect(choice.reason()).toBe('Other programs keep 0.9 cores busy, so 1 of 8 are left to them.');
    load = 2.9;
    expect(choice.choose(8)).toBe(5);
    load = 20;
    expect(choice.choose(8)).toBe(1);
    load = 0;
    expect(ticks(choice, 100, (threads) => (threads === 7 ? 60 : 50)).at(-1)).toBe(8);
  });

  it('has nothing to choose where threads do not matter', () => {
    expect(
      new Set(
        ticks(
          createThreadChoice({ least: 3, most: 3 }, () => 0),
          50,
          idle,
        ),
      ),
    ).toEqual(new Set([3]));
  });
});

describe('load of other programs', () => {
  it('is what is busy and not ours, over the last window', () => {
    const system = { busy: 1000 as number | null, own: 400, now: 0 };
    const other = createOtherLoad({
      busyMs: () => system.busy,
      ownMs: () => system.own,
      nowMs: () => system.now,
    });
    const loadAfter = (change: Partial<typeof system>) => {
      Object.assign(system, change);
      other.sample();
      return other.load();
    };
    expect(other.load()).toBeNull();
    expect(loadAfter({ busy: 2500, own: 1400, now: 1000 })).toBe(0.5);
    expect(loadAfter({ busy: 2600, now: 1100 })).toBe(1);
    expect(loadAfter({ busy: null, now: 3000 })).toBe(1);
  });
});
