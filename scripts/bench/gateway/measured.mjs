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
 * In a process that serves: tells where it listens, and answers its parent's questions, `measure`, `kept`
 * (bytes that a full collection leaves) or `profile`.
 * @param {string} address
 * @param {{ stop: () => Promise<void>, profile?: () => Promise<unknown> }} ways
 */
export function answerMeasures(address, { stop, profile }) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', (question) => {
    if (question === 'profile') return void profile?.().then((answer) => process.send?.({ profile: answer }));
    if (question === 'kept') return void process.send?.({ bytes: bytesKept() });
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

function bytesKept() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
