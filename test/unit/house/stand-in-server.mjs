// Stands in for the server below scripts/lib/supervise.mjs: says that it is ready, and stops in the way it is told to.
import { spawn } from 'node:child_process';

const [manner = 'stops'] = process.argv.slice(2);
// An engine process, which must not outlive the server.
const engine = spawn('sleep', ['60'], { stdio: 'ignore' });
let stops = 0;
const stop = () => {
  stops += 1;
  if (manner === 'hangs') return;
  setTimeout(() => {
    process.stderr.write(`stopped, told ${stops} time(s)\n`);
    if (manner === 'stops') engine.kill();
    process.exit(manner === 'fails' ? 7 : 0);
  }, 50);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
process.on('disconnect', stop);
process.stdout.write(`ready ${process.pid} ${engine.pid}\n`);
