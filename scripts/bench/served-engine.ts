/** Inglenook's server for a benchmark: in a process of its own, with a fixed number of engine threads if wanted. */
import { join } from 'node:path';
import { compose } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { createBuiltinEngine } from '../../server/engines/builtin/builtin-engine.ts';

const [dataDir = '', threads = ''] = process.argv.slice(2);
const config = readConfig({ INGLENOOK_DATA_DIR: dataDir, INGLENOOK_PORT: '0', INGLENOOK_OFFLINE: '1' });
const inglenook = await compose(config, {
  createEngine: (hooks) =>
    createBuiltinEngine({
      ...hooks,
      sources: { starterDir: join(config.rootDir, 'resources', 'models'), folders: [], addedFiles: () => [] },
      ...(threads === '' ? {} : { threads: Number(threads) }),
    }),
});
process.on('disconnect', () => void inglenook.stop(0).then(() => process.exit(0)));
process.on('message', (message) => {
  if (message === 'memory') process.send?.({ rssBytes: process.memoryUsage.rss() });
});
process.send?.({ address: inglenook.address });
