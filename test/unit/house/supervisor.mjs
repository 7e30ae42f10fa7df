// What scripts/start.mjs does after set-up, with a server and a grace of the test's choice.
import { supervise, watchNpm } from '../../../scripts/lib/supervise.mjs';

const [server = '', manner = 'stops', graceMs = '9500'] = process.argv.slice(2);
const isOrphaned = watchNpm();
process.exitCode = await supervise(process.execPath, [server, manner], {
  isOrphaned,
  graceMs: Number(graceMs),
});
