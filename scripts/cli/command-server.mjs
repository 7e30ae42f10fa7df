import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { findNode } from '../lib/node-runtime.mjs';
import { failWith, inRoot } from '../lib/project.mjs';
import { supervise } from '../lib/supervise.mjs';
import { call } from './client.mjs';
import { pauseSentence } from './command-pause.mjs';
import { localTime, printJson, printParts } from './print.mjs';

/** @typedef {import('./flags.mjs').Parsed} Parsed */

/** @type {Record<string, import('./commands.mjs').Command>} */
export const serverCommands = {
  serve: {
    summary: 'Start the server and stay in the foreground, as npm start does.',
    shape: {},
    run: serve,
  },
  status: { summary: 'Whether the server runs, and what it is doing.', shape: {}, run: status },
};

/** @returns {Promise<number>} */
async function serve() {
  const launcher = inRoot('scripts', 'start.mjs');
  // A clone sets up what is missing; what npm has installed is complete.
  if (!existsSync(launcher)) return await serveInstalled();
  const child = spawn(process.execPath, [launcher], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => void child.kill(signal));
  }
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** @returns {Promise<number>} */
async function serveInstalled() {
  try {
    return await supervise(await findNode(), [inRoot('dist', 'server', 'main.js')]);
  } catch (error) {
    failWith(error);
    return 1;
  }
}

/** @param {Parsed} parsed */
async function status({ switches }) {
  /** @type {import('../../server/wire/admin.ts').ServerStatus} */
  const server = await call('GET', '/status');
  if (switches.has('json')) return printJson(server);
  const { today, log, pauses } = server;
  printParts({
    Inglenook: server.version,
    Address: server.address,
    Since: localTime(server.startedAt),
    Data: server.dataDir,
    Office: server.lan.on ? `let in at ${server.lan.address}` : 'not let in (this computer only)',
    Requests: `${server.activeRequests} running, ${server.waitingRequests} waiting`,
    Today: `${today.requests} requests, ${today.errors} errors, ${today.promptTokens} tokens in, ${today.completionTokens} out`,
    ...pausesOf(pauses),
    ...(log === undefined || log.problem === null
      ? {}
      : { Log: `${log.unwritten} rows wait, ${log.lost} lost. ${log.problem}` }),
  });
}

/** @param {import('../../server/wire/admin.ts').ServerStatus['pauses']} pauses */
function pausesOf(pauses) {
  return {
    ...(pauses?.all ? { Paused: pauseSentence('all', pauses.all) } : {}),
    ...(pauses?.gpu ? { GPU: pauseSentence('gpu', pauses.gpu) } : {}),
  };
}
