// npm start: sets up what is missing, then runs the server in the foreground. stdout is the server's alone.
import { failWith, inRoot } from './lib/project.mjs';
import { supervise, watchNpm } from './lib/supervise.mjs';
import { setUp } from './setup.mjs';

try {
  const isOrphaned = watchNpm();
  const node = await setUp();
  const args = [inRoot('server', 'main.ts'), ...process.argv.slice(2)];
  process.exitCode = await supervise(node, args, { isOrphaned });
} catch (error) {
  failWith(error);
}
