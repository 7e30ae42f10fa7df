/** The whole Inglenook for a benchmark, in a process of its own; only its models are somebody else's. */
import { Session } from 'node:inspector/promises';
import { Writable } from 'node:stream';
import { compose } from '../../../server/compose.ts';
import { readConfig } from '../../../server/config.ts';
import { createFakeEngine } from '../../../test/fakes/fake-engine.ts';
import { answerMeasures } from './measured.mjs';

const [dataDir = ''] = process.argv.slice(2);
const config = readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' });
const inglenook = await compose(config, {
  stderr: new Writable({ write: (_chunk, _encoding, done) => done() }),
  createEngine: () => Object.assign(createFakeEngine({}), { rescan: async () => {}, preload: () => {} }),
});

/** Looked at by V8's sampler from the first question to the second, which is answered with what it has seen. */
let session: Session | null = null;
const sampleMicroseconds = 200;

async function profile(): Promise<unknown> {
  if (session !== null) return (await session.post('Profiler.stop')).profile;
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: sampleMicroseconds });
  await session.post('Profiler.start');
  return null;
}

answerMeasures(inglenook.address, { stop: async () => await inglenook.stop(0), profile });
