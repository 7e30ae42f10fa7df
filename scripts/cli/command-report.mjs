import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { call, callText } from './client.mjs';
import { Refused, UsageError } from './failures.mjs';
import { print, printJson } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const reportCommands = {
  report: {
    summary: 'The dated page that a security review asks for, as HTML to print; --out writes it to a file.',
    shape: { flags: { language: 'en|de', out: 'FILE' } },
    run: report,
  },
};

/** @param {Parsed} parsed */
async function report({ values, switches }) {
  const { language = 'en', out } = values;
  if (language !== 'en' && language !== 'de') throw new UsageError('--language takes en or de.');
  if (switches.has('json')) return printJson(await call('GET', '/security-report?format=json'));
  const page = await callText('GET', `/security-report?language=${language}`);
  if (out === undefined) return print(page.trimEnd());
  const file = resolve(out);
  try {
    // It names people and machines, and nothing is written over.
    await writeFile(file, page, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST') throw new Refused(`There is a file ${file} already. Choose another name.`);
    throw new Refused(`The file ${file} cannot be written (${code}).`);
  }
  print(file);
}
