import { print } from './print.mjs';

const sentence =
  'Tokens are counted as each model cuts text; a cloud’s model cuts the same text differently, often up to a quarter more or a fifth less.';

/** Below tables of tokens, for a person at a terminal: whoever reads a pipe wants the table alone. */
export function noteOnTokens() {
  if (process.stdout.isTTY) print(`\n${sentence}`);
}
