import { resolve } from 'node:path';
import { call } from './client.mjs';
import { isServerRunning } from './data-dir.mjs';
import { UsageError } from './failures.mjs';
import { parseCount } from './flags.mjs';
import { runOffline } from './offline.mjs';
import { askPassphrase } from './passphrase.mjs';
import { localTime, plain, print, printJson, printParts, printTable, size, warn } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */
/** @typedef {import('../../server/wire/backup.ts').BackupState} BackupState */

const passphraseFlag = { passphrase: 'W' };
const createShape = { arguments: ['FILE'], flags: passphraseFlag };
const createSummary =
  'Write one encrypted file with settings, keys, devices, names, prices and the log; also while the server is stopped. Kept prompts and model files stay here.';

/** @type {Record<string, import('./commands.mjs').Command>} */
export const backupCommands = {
  backup: { summary: createSummary, shape: createShape, run: create },
  'backup create': { summary: 'The same.', shape: createShape, run: create },
  'backup list': {
    summary: 'The scheduled backups, and how the last one went.',
    shape: {},
    run: async ({ switches }) => show(await call('GET', '/backups'), switches),
  },
  'backup schedule': {
    summary: 'Back up every day at an hour into a folder, keeping N files. Without flags: how it is set.',
    shape: { flags: { folder: 'F', hour: 'H', keep: 'N', on: '', off: '', ...passphraseFlag } },
    run: schedule,
  },
  'backup now': {
    summary: 'Make the scheduled backup now.',
    shape: {},
    run: async ({ switches }) => printMade(await call('POST', '/backups/run'), switches),
  },
  restore: {
    summary:
      'Put a backup in place of what is here, which is kept in a dated folder. While the server runs: at its next start.',
    shape: createShape,
    run: restore,
  },
  'restore cancel': {
    summary: 'Give up a restore that waits for the next start.',
    shape: {},
    run: async ({ switches }) => printRestore(await call('DELETE', '/restore'), switches),
  },
};

/** @param {Parsed} parsed */
async function create({ args: [name = ''], values, switches }) {
  const file = wholePath(name);
  const passphrase = await askPassphrase(values, { isNew: true });
  const made = isServerRunning()
    ? await call('POST', '/backups', { file, passphrase })
    : await runOffline(['backup', file], passphrase);
  printMade(made, switches);
}

/**
 * @param {import('../../server/wire/backup.ts').CreatedBackup} made
 * @param {Set<string>} switches
 */
function printMade(made, switches) {
  if (switches.has('json')) return printJson(made);
  print(`${plain(made.file)}  ${size(made.bytes)}`);
  warn('Keep the passphrase elsewhere: without it nobody can open the file.');
  warn('Not in it: model files (fetch them again) and kept prompts of traced keys (on purpose).');
}

/** @param {Parsed} parsed */
async function restore({ args: [name = ''], values, switches }) {
  const file = wholePath(name);
  const passphrase = await askPassphrase(values, { isNew: false });
  if (isServerRunning()) return printRestore(await call('POST', '/restore', { file, passphrase }), switches);
  const restored = await runOffline(['restore', file], passphrase);
  if (switches.has('json')) return printJson(restored);
  print(
    `Restored: ${plain(restored.file)}, made ${localTime(restored.madeAt)} on ${plain(restored.computer)}.`,
  );
  print(
    `Start Inglenook as usual. What was in ${plain(restored.dataDir)} before, if anything, is kept there in`,
  );
  print(plain(restored.keepIn));
}

/**
 * @param {import('../../server/wire/backup.ts').RestoreState} state
 * @param {Set<string>} switches
 */
function printRestore(state, switches) {
  if (switches.has('json')) return printJson(state);
  const { prepared } = state;
  if (prepared === null) return print('No restore waits for the next start.');
  print(
    `Checked: ${plain(prepared.file)}, made ${localTime(prepared.madeAt)} on ${plain(prepared.computer)}.`,
  );
  print('Restart Inglenook to put it in place; until then everything goes on as it is.');
  print('To give it up: npx inglenook restore cancel');
}

/** @param {Parsed} parsed */
async function schedule({ values, switches }) {
  const { folder, hour, keep } = values;
  if (switches.has('on') && switches.has('off')) throw new UsageError('--on and --off exclude one another.');
  const given =
    values['passphrase'] ?? (folder === undefined ? undefined : process.env['INGLENOOK_PASSPHRASE']);
  /** @type {import('../../server/wire/backup.ts').BackupScheduleRequest} */
  const change = {
    ...(folder === undefined ? {} : { folder: folder === '' ? null : resolve(folder), on: folder !== '' }),
    ...(hour === undefined ? {} : { hour: parseCount('hour', hour, { min: 0, max: 23 }) }),
    ...(keep === undefined ? {} : { keep: parseCount('keep', keep, { min: 1, max: 1000 }) }),
    ...(switches.has('on') ? { on: true } : {}),
    ...(switches.has('off') ? { on: false } : {}),
    ...(given === undefined ? {} : { passphrase: given }),
  };
  if (Object.keys(change).length === 0) return show(await call('GET', '/backups'), switches);
  /** @type {BackupState} */
  const before = await call('GET', '/backups');
  const needsOne = change.on === true && !before.schedule.hasPassphrase;
  const asked =
    needsOne && given === undefined ? { passphrase: await askPassphrase({}, { isNew: true }) } : {};
  show(await call('PUT', '/backups/schedule', { ...change, ...asked }), switches);
}

/**
 * @param {BackupState} state
 * @param {Set<string>} switches
 */
function show(state, switches) {
  if (switches.has('json')) return printJson(state);
  const { on, folder, hour, timeZone, keep, nextAt } = state.schedule;
  const { last } = state;
  printParts({
    Schedule: on ? `every day at ${hour}:00 (${timeZone}), ${keep} files kept` : 'off',
    Folder: folder,
    Next: localTime(nextAt),
    'Last one':
      last === null ? null : last.ok ? localTime(last.at) : `FAILED ${localTime(last.at)}: ${last.error}`,
    'Last success': localTime(state.lastSuccessAt),
  });
  if (folder === null) return;
  print('');
  printTable(
    {
      MADE: (one) => localTime(one.madeAt),
      SIZE: (one) => size(one.bytes),
      FILE: (one) => one.file,
    },
    state.files,
    'There is no backup of this computer in the folder yet.',
  );
}

/** @param {string} name */
function wholePath(name) {
  if (name === '') throw new UsageError('FILE is empty.');
  return resolve(name);
}
