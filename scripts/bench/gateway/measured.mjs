import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What a serving process tells about itself.
 * @typedef {object} Measured
 * @property {number} cpuMs CPU time of all its threads since it began, user and system.
 * @property {number} rssBytes
 * @property {number} loopDelayMsP99 Of the event loop, since the last question; looked at every millisecond.
 * @property {number} loopDelayMsMax
 */

/**
 * What a serving process holds right after a full collection.
 * @typedef {object} Kept
 * @property {number} liveBytes On V8's heap and in its buffers.
 * @property {number} rssBytes
 */

/**
 * In a process that serves: tells where it listens, and answers its parent's questions, `measure`, `kept`
 * or `profile`.
 * @param {string} address
 * @param {{ stop: () => Promise<void>, profile?: () => Promise<unknown> }} ways
 */
export function answerMeasures(address, { stop, profile }) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', (question) => {
    if (question === 'profile') return void profile?.().then((answer) => process.send?.({ profile: answer }));
    if (question === 'kept') return void process.send?.(kept());
    const { user, system } = process.cpuUsage();
    /** @type {Measured} */
    const measured = {
      cpuMs: (user + system) / 1000,
      rssBytes: process.memoryUsage.rss(),
      loopDelayMsP99: delay.percentile(99) / 1e6,
      loopDelayMsMax: delay.max / 1e6,
    };
    delay.reset();
    process.send?.(measured);
  });
  process.on('disconnect', () => void stop().then(() => process.exit(0)));
  process.send?.({ address });
}

/** @returns {Kept} */
function kept() {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // The most thorough there is: it also moves together what lives, so that pages left half empty go back.
  for (let time = 0; time < 2; time += 1)
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, external, rss } = process.memoryUsage();
  return { liveBytes: heapUsed + external, rssBytes: rss };
}
