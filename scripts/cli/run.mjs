import { commands } from './commands.mjs';
import { Refused, UsageError } from './failures.mjs';
import { parseFlags } from './flags.mjs';
import { overview, usageOf } from './help.mjs';
import { print, warn } from './print.mjs';

/**
 * Runs one command line.
 * @param {string[]} words
 * @returns {Promise<number>} the exit code: 0 done, 1 refused, 2 called wrongly
 */
export async function run(words) {
  try {
    return await dispatch(words);
  } catch (error) {
    if (error instanceof UsageError) {
      warn(`inglenook: ${error.message}`);
      warn('npx inglenook --help shows what there is.');
      return 2;
    }
    if (error instanceof Refused) {
      warn(`inglenook: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

/**
 * @param {string[]} words
 * @returns {Promise<number>}
 */
async function dispatch(words) {
  const [first, second] = words;
  if (first === undefined) throw new UsageError('No command was given.');
  if (['help', '--help', '-h'].includes(first)) {
    print(overview());
    return 0;
  }
  const name = [`${first} ${second}`, first].find((candidate) => Object.hasOwn(commands, candidate));
  const command = name === undefined ? undefined : commands[name];
  if (name === undefined || command === undefined) return explainUnknown(first, second);
  const rest = words.slice(name.split(' ').length);
  if (command.runWords !== undefined) return command.runWords(rest);
  const endOfFlags = rest.indexOf('--');
  const flagWords = endOfFlags === -1 ? rest : rest.slice(0, endOfFlags);
  if (flagWords.some((word) => word === '--help' || word === '-h')) {
    print(usageOf(name, command));
    return 0;
  }
  return (await command.run(parseFlags(rest, command.shape))) ?? 0;
}

/**
 * @param {string} first
 * @param {string | undefined} second
 * @returns {number}
 */
function explainUnknown(first, second) {
  const family = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  if (family.length === 0) throw new UsageError(`There is no command "${first}".`);
  if (second === '--help' || second === '-h') {
    for (const name of family)
      print(`${usageOf(name, /** @type {import('./commands.mjs').Command} */ (commands[name]))}\n`);
    return 0;
  }
  throw new UsageError(
    `"${first}" needs one of: ${family.map((name) => name.slice(first.length + 1)).join(', ')}.`,
  );
}
