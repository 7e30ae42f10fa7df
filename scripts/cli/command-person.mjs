import { createWriteStream } from 'node:fs';
import { call, download } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { plain, print, printJson, printParts } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const personCommands = {
  'person export': {
    summary: 'Everything held of one person, as JSON: on stdout, or in a new file with --file.',
    shape: { arguments: ['PERSON'], flags: { file: 'FILE' } },
    run: exportPerson,
  },
  'person erase': {
    summary:
      'Erase one person for good: their keys end, their prompts go, their name is taken out of the log; sums stay. --yes says that you mean it.',
    shape: { arguments: ['PERSON'], flags: { yes: '' } },
    run: erase,
  },
};

/** @param {Parsed} parsed */
async function exportPerson({ args: [person = ''], values, switches }) {
  const { file } = values;
  const path = `/people/${encodeURIComponent(person)}/export`;
  if (file === undefined) {
    await download(path, process.stdout);
    return print('');
  }
  await download(path, await openNew(file));
  if (switches.has('json')) return printJson({ file });
  print(`Everything held of ${plain(person)} is in ${plain(file)}.`);
}

/**
 * For the owner's eyes only, and never over something that is there.
 * @param {string} file
 * @returns {Promise<import('node:fs').WriteStream>}
 */
function openNew(file) {
  const stream = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  return new Promise((resolve, reject) => {
    stream.once('open', () => resolve(stream));
    stream.once('error', (error) => {
      reject(new Refused(`The file ${file} cannot be made (${error.message}).`, { cause: error }));
    });
  });
}

/** @param {Parsed} parsed */
async function erase({ args: [person = ''], switches }) {
  if (!switches.has('yes')) {
    throw new UsageError(
      `This cannot be undone. To erase everything of “${plain(person)}”, add --yes; person export shows what there is.`,
    );
  }
  /** @type {import('../../server/wire/traces.ts').ErasedPerson} */
  const erased = await call('DELETE', `/people/${encodeURIComponent(person)}`);
  if (switches.has('json')) return printJson(erased);
  printParts({
    'Keys revoked': erased.keys,
    'Invitations deleted': erased.invitations,
    'Stored responses deleted': erased.responses,
    'Kept prompts deleted': erased.traces,
    'Rows without a name now': erased.requests,
  });
  print('\nWhat is left:');
  for (const sentence of erased.left) print(`- ${plain(sentence)}`);
}
