import { commands } from './commands.mjs';

/** @returns {string} */
export function overview() {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'Inglenook: the office’s own AI server.',
    '',
    'Usage: npx inglenook COMMAND [--json]',
    '',
    ...lines,
    '',
    'Names and ids are accepted alike. --json prints what programs read. npx inglenook COMMAND --help says more.',
    'Exit code: 0 done, 1 refused (the reason is on stderr), 2 called wrongly.',
    'The server is found by its data folder; INGLENOOK_DATA_DIR names another.',
  ].join('\n');
}

/**
 * @param {string} name
 * @param {import('./commands.mjs').Command} command
 * @returns {string}
 */
export function usageOf(name, { summary, shape }) {
  const words = [
    ...(shape.arguments ?? []),
    ...Object.entries(shape.flags ?? {}).map(([flag, value]) =>
      value === '' ? `[--${flag}]` : `[--${flag} ${value}]`,
    ),
    '[--json]',
  ];
  const later = (shape.later ?? []).map((flag) => `--${flag}`);
  return [
    `Usage: npx inglenook ${name} ${words.join(' ')}`,
    summary,
    ...(later.length === 0 ? [] : [`With a later version: ${later.join(' ')}`]),
  ].join('\n');
}
