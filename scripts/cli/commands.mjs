import { aliasCommands } from './command-alias.mjs';
import { cacheCommands } from './command-cache.mjs';
import { keyCommands } from './command-key.mjs';
import { logCommands } from './command-log.mjs';
import { modelCommands } from './command-model.mjs';
import { ollamaCommands } from './command-ollama.mjs';
import { pairCommands } from './command-pair.mjs';
import { priceCommands } from './command-price.mjs';
import { responsesCommands } from './command-responses.mjs';
import { serverCommands } from './command-server.mjs';
import { settingsCommands } from './command-settings.mjs';
import { teamCommands } from './command-team.mjs';
import { upstreamCommands } from './command-upstream.mjs';

/**
 * @typedef {{
 *   summary: string,
 *   shape: import('./flags.mjs').Shape,
 *   run: (parsed: import('./flags.mjs').Parsed) => Promise<number | void>,
 * }} Command
 */

/**
 * By the words they are called with.
 * @type {Record<string, Command>}
 */
export const commands = {
  ...serverCommands,
  ...keyCommands,
  ...teamCommands,
  ...priceCommands,
  ...pairCommands,
  ...modelCommands,
  ...aliasCommands,
  ...upstreamCommands,
  ...ollamaCommands,
  ...logCommands,
  ...responsesCommands,
  ...cacheCommands,
  ...settingsCommands,
};

/** Of the contract, but without what they need to work on yet. */
export const laterCommands = ['doctor', 'model check', 'usage', 'backup', 'restore'];
