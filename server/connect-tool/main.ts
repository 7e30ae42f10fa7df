#!/usr/bin/env node
import { pathToFileURL } from 'node:url';
import { realpathSync } from 'node:fs';
import { connect } from './connect.ts';
import { Refused, UsageError } from './failures.ts';
import { plain, withoutKeys } from './plain.ts';
import { undo } from './undo.ts';
import { readWords, usage } from './words.ts';
import { thisComputer } from './world.ts';

/** `node connect.mjs …`, a program of its own: built into one file that the server hands out (`/connect.mjs`). */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const words = readWords(argv);
    if (words.command === 'help') {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const world = thisComputer({ isQuiet: words.json });
    try {
      const result = words.command === 'undo' ? await undo(world, words) : await connect(world, words);
      if (words.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      return isWhole(result) ? 0 : 1;
    } finally {
      world.close();
    }
  } catch (error) {
    return explain(error);
  }
}

/** What had to be left is a refusal for scripts, though the rest was done. */
function isWhole(result: Awaited<ReturnType<typeof connect> | ReturnType<typeof undo>>): boolean {
  if ('left' in result) return result.left.length === 0;
  return result.files.every(({ outcome }) => outcome !== 'left');
}

function explain(error: unknown): number {
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof Refused)) throw error;
  process.stderr.write(`inglenook connect: ${plain(withoutKeys(error.message))}\n`);
  if (isUsage) process.stderr.write('--help shows what there is.\n');
  return isUsage ? 2 : 1;
}

const called = process.argv[1];
// Set, not exited with: what is still in a pipe would be lost.
if (called !== undefined && import.meta.url === pathToFileURL(realpathSync(called)).href) {
  process.exitCode = await main(process.argv.slice(2));
}
