#!/usr/bin/env node
import { run } from './cli/run.mjs';

// `| head` closes the pipe early; that is no failure.
process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE') process.exit(0);
  process.stderr.write(`inglenook: the output cannot be written (${error.message}).\n`);
  process.exit(1);
});

// Set, not exited with: what is still in a pipe would be lost.
process.exitCode = await run(process.argv.slice(2));
