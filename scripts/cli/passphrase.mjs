import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Refused, UsageError } from './failures.mjs';

/**
 * From --passphrase, INGLENOOK_PASSPHRASE, or typed in without being shown.
 * @param {import('./flags.mjs').Parsed['values']} values
 * @param {{ isNew: boolean }} use a new one is asked for twice: nobody can look it up later
 * @returns {Promise<string>}
 */
export async function askPassphrase(values, { isNew }) {
  const given = values['passphrase'] ?? process.env['INGLENOOK_PASSPHRASE'];
  if (given !== undefined) {
    if (given === '') throw new UsageError('The passphrase is empty.');
    return given;
  }
  if (!process.stdin.isTTY) {
    throw new UsageError(
      'Give the passphrase by --passphrase or INGLENOOK_PASSPHRASE: nobody is here to type it.',
    );
  }
  const first = await askHidden('Passphrase: ');
  if (isNew && (await askHidden('Once more: ')) !== first) {
    throw new Refused('The two are not the same. Nothing was done.');
  }
  return first;
}

/**
 * What is typed in is not shown. @throws {Refused} when it is given up by Ctrl-C
 * @param {string} question
 */
export async function askHidden(question) {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const interrupted = new Promise((_resolve, reject) => {
    reader.once('SIGINT', () => reject(new Refused('Given up. Nothing was done.')));
  });
  try {
    return String(await Promise.race([reader.question(''), interrupted]));
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
