import { adminTokenCommands } from './command-admin-token.mjs';
import { aliasCommands } from './command-alias.mjs';
import { auditCommands } from './command-audit.mjs';
import { backupCommands } from './command-backup.mjs';
import { doctorCommands } from './command-doctor.mjs';
import { edgeCommands } from './command-edge.mjs';
import { exportCommands } from './command-export.mjs';
import { cacheCommands } from './command-cache.mjs';
import { connectCommands } from './command-connect.mjs';
import { keyCommands } from './command-key.mjs';
import { logCommands } from './command-log.mjs';
import { modelCommands } from './command-model.mjs';
import { ollamaCommands } from './command-ollama.mjs';
import { ownerCommands } from './command-owner.mjs';
import { pairCommands } from './command-pair.mjs';
import { pauseCommands } from './command-pause.mjs';
import { personCommands } from './command-person.mjs';
import { traceCommands } from './command-trace.mjs';
import { priceCommands } from './command-price.mjs';
import { reportCommands } from './command-report.mjs';
import { responsesCommands } from './command-responses.mjs';
import { savingsCommands } from './command-savings.mjs';
import { serverCommands } from './command-server.mjs';
import { settingsCommands } from './command-settings.mjs';
import { teamCommands } from './command-team.mjs';
import { ticketCommands } from './command-ticket.mjs';
import { updateCommands } from './command-update.mjs';
import { upstreamCommands } from './command-upstream.mjs';
import { usageCommands } from './command-usage.mjs';

/**
 * @typedef {{
 *   summary: string,
 *   shape: import('./flags.mjs').Shape,
 *   run: (parsed: import('./flags.mjs').Parsed) => Promise<number | void>,
 *   runWords?: (words: string[]) => Promise<number>,
 * }} Command
 */

/**
 * By the words they are called with.
 * @type {Record<string, Command>}
 */
export const commands = {
  ...serverCommands,
  ...pauseCommands,
  ...doctorCommands,
  ...keyCommands,
  ...teamCommands,
  ...priceCommands,
  ...pairCommands,
  ...connectCommands,
  ...ticketCommands,
  ...modelCommands,
  ...aliasCommands,
  ...upstreamCommands,
  ...ollamaCommands,
  ...logCommands,
  ...usageCommands,
  ...savingsCommands,
  ...responsesCommands,
  ...cacheCommands,
  ...settingsCommands,
  ...traceCommands,
  ...personCommands,
  ...ownerCommands,
  ...adminTokenCommands,
  ...edgeCommands,
  ...auditCommands,
  ...reportCommands,
  ...updateCommands,
  ...backupCommands,
  ...exportCommands,
};
