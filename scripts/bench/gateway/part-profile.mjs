import { openInglenook, openMock } from './arms.mjs';
import { summariseProfile } from './cpu-profile.mjs';
import { askWhole, bodyOf, underLoad } from './load.mjs';
import { relay } from './part-frames.mjs';

const clients = 16;
/** So long, in measurements. */
const rounds = 4;
const shown = 16;

/**
 * Where the CPU time of Inglenook goes, by V8's sampling: for whole answers, and for frames.
 * @param {import('../gateway.mjs').BenchOptions} options
 */
export async function profilePart({ durationMs, mockPort, say }) {
  const mock = await openMock(mockPort);
  try {
    const requests = await profiled(mock.url, async (arm) => {
      const body = bodyOf('instant', false);
      const load = await underLoad(arm, { clients, durationMs: durationMs * rounds }, (pool) =>
        askWhole(pool, arm, body),
      );
      return load.latenciesMs.length;
    });
    tell('a request', requests, say);
    const frames = await profiled(mock.url, async (arm) => (await relay(arm, durationMs * rounds)).frames);
    tell('a frame', frames, say);
    return { summary: {}, targets: [], requests, frames };
  } finally {
    await mock.stop();
  }
}

/**
 * @param {string} upstream
 * @param {(arm: import('./arms.mjs').Arm) => Promise<number>} work How many there were of what is counted.
 */
async function profiled(upstream, work) {
  const arm = await openInglenook(upstream);
  try {
    // The compilers have done their work by then.
    await work(arm);
    await arm.profile();
    const count = await work(arm);
    return { count, ...summariseProfile(await arm.profile()) };
  } finally {
    await arm.stop();
  }
}

/**
 * @param {string} unit
 * @param {{ count: number, owners: [string, number][], functions: [string, number][] }} profile
 * @param {(line: string) => void} say
 */
function tell(unit, { count, owners, functions }, say) {
  const all = owners.reduce((sum, [, ms]) => sum + ms, 0);
  const line = (/** @type {[string, number]} */ [name, ms]) =>
    `  ${((ms * 1000) / count).toFixed(1).padStart(8)} µs ${((ms * 100) / all).toFixed(1).padStart(5)} %  ${name}`;
  say(`${((all * 1000) / count).toFixed(1)} µs for ${unit} (${count} of them), by owner:`);
  owners.slice(0, shown).forEach((owner) => say(line(owner)));
  say('by function:');
  functions.slice(0, shown * 6).forEach((one) => say(line(one)));
}
