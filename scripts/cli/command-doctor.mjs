import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { call, callText } from './client.mjs';
import { isServerRunning } from './data-dir.mjs';
import { Refused, UsageError } from './failures.mjs';
import { runOffline } from './offline.mjs';
import { plain, print, printJson, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/doctor.ts').DoctorFindings} DoctorFindings */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const doctorCommands = {
  doctor: {
    summary:
      'Look at everything that may keep the office from its answers, with the way out. Exit code 1 if something is bad. --report writes a text to send to somebody who helps, without keys and names.',
    shape: { flags: { language: 'en|de', report: 'FILE' } },
    run: doctor,
  },
};

const marks = { ok: 'ok', warn: 'LOOK', bad: 'BAD', unknown: '?' };

/** @param {Parsed} parsed */
async function doctor({ values, switches }) {
  const { language = 'en', report } = values;
  if (language !== 'en' && language !== 'de') throw new UsageError('--language takes en or de.');
  if (report !== undefined) return await writeReport(report, language);
  /** @type {DoctorFindings} */
  const findings = isServerRunning()
    ? await call('GET', `/doctor?language=${language}`)
    : await runOffline(['doctor', language]);
  const isBad = findings.checks.some(({ state }) => state === 'bad');
  if (switches.has('json')) printJson(findings);
  else show(findings);
  return isBad ? 1 : 0;
}

/** What is wrong stands first. */
const order = /** @type {const} */ (['bad', 'warn', 'unknown', 'ok']);

/** @param {DoctorFindings} findings */
function show({ checks }) {
  for (const state of order) {
    for (const { title, sentence, fix } of checks.filter((check) => check.state === state)) {
      print(`${marks[state].padEnd(4)}  ${plain(title)}: ${plain(sentence)}`);
      if (fix !== null && state !== 'ok') print(`      → ${plain(fix)}`);
    }
  }
}

/**
 * @param {string} name
 * @param {string} language
 */
async function writeReport(name, language) {
  const text = isServerRunning()
    ? await callText('GET', `/doctor/report?language=${language}`)
    : await runOffline(['doctor-report', language]);
  const file = resolve(name);
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'EEXIST') throw new Refused(`There is a file ${file} already. Choose another name.`);
    throw new Refused(`The file ${file} cannot be written (${code}).`);
  }
  print(file);
  warn('Read it before you send it on: addresses of your office stand in it.');
}
