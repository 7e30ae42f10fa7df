import { SetupError } from './project.mjs';

/**
 * The two editions of the installers: `cuda` has what NVIDIA cards compute fastest with, and is three times as large. Either runs
 * on every computer.
 * @typedef {'standard' | 'cuda'} Edition
 */

/** @type {readonly Edition[]} */
const editions = ['standard', 'cuda'];

/**
 * Takes `--edition X` or `--edition=X` out of the arguments.
 * @param {readonly string[]} args
 * @returns {{ edition: Edition | null, rest: string[] }} null where nobody has said
 * @throws {SetupError} for another word
 */
export function takeEdition(args) {
  const rest = [...args];
  const at = rest.findIndex((word) => word === '--edition' || word.startsWith('--edition='));
  if (at < 0) return { edition: null, rest };
  const [flag = ''] = rest.splice(at, 1);
  const named = flag.includes('=') ? flag.slice(flag.indexOf('=') + 1) : rest.splice(at, 1)[0];
  const edition = editions.find((one) => one === named);
  if (edition === undefined) throw new SetupError(`--edition takes ${editions.join(' or ')}.`);
  return { edition, rest };
}

/** Whether electron-builder is given a certificate. */
export function isSigned(environment = process.env) {
  return Boolean(environment['CSC_LINK'] || environment['WIN_CSC_LINK'] || environment['CSC_NAME']);
}

/**
 * What electron-builder.yml reads of the environment.
 * @param {Edition} edition
 * @param {NodeJS.Platform} [platform] of the computer that the installers are for
 */
export function builderEnvironment(edition, platform = process.platform) {
  return { INGLENOOK_EDITION: edition, INGLENOOK_PLATFORM: platform };
}

/**
 * @param {Edition} edition
 * @param {NodeJS.ProcessEnv} [environment] where electron-builder looks for a certificate
 */
export function builderArguments(edition, environment = process.env) {
  return [
    '--config',
    'electron-builder.yml',
    // Installers are handed on by the person who made them.
    '--publish',
    'never',
    `-c.extraMetadata.inglenookEdition=${edition}`,
    // Ad hoc, so that it starts at all on Apple silicon.
    ...(environment['CSC_LINK'] || environment['CSC_NAME']
      ? []
      : ['-c.mac.identity=-', '-c.mac.hardenedRuntime=false']),
  ];
}
