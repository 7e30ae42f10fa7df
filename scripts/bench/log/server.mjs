// The whole server in a process of its own, with everything real but the engine: node server.mjs DATA_DIR [MS_PER_TOKEN] [TOKENS]
// Tells its address and key when it is ready, and how late its event loop was when asked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../../server/compose.ts';
import { readConfig } from '../../../server/config.ts';
import { createFakeEngine } from '../../../test/fakes/fake-engine.ts';

const [dataDir = '', tokenMs = '0', words = '4'] = process.argv.slice(2);
const said = [' hearth', ' fire', ' ember', ' ash'];
const engine = createFakeEngine({
  slots: 64,
  answer: { words: Array.from({ length: Number(words) }, (_, index) => said[index % said.length] ?? '') },
  ...(tokenMs === '0' ? {} : { beforePart: () => sleep(Number(tokenMs)) }),
});
const config = readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' });
const inglenook = await compose(config, {
  stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
  createEngine: () => Object.assign(engine, { rescan: async () => {}, preload: () => {} }),
});
const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
const response = await fetch(`${inglenook.address}/api/keys`, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ name: `bench ${process.pid}`, person: 'Bench' }),
});
const { key } = /** @type {{ key: string }} */ (await response.json());

/** One sample for each millisecond. */
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on('message', (message) => {
  if (message === 'reset') delay.reset();
  if (message === 'delay') {
    process.send?.({
      p50Ms: delay.percentile(50) / 1e6,
      p99Ms: delay.percentile(99) / 1e6,
      mostMs: delay.max / 1e6,
    });
  }
  if (message === 'stop') void inglenook.stop(1000).then(() => process.exit(0));
});
process.send?.({ address: inglenook.address, setupLink: inglenook.setupLink, token, key });
