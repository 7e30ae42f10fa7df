import { buildConsole, isConsoleBuilt } from './lib/console-build.mjs';
import { ensureCertificateTools } from './lib/certificate-tools.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { install, isInstalled } from './lib/install.mjs';
import { findNode } from './lib/node-runtime.mjs';
import { ensureNetworkTools } from './lib/network-tools.mjs';
import { ensurePostgres } from './lib/postgres.mjs';
import { endChildrenOnSignal } from './lib/process.mjs';
import { ensureProxies } from './lib/proxies.mjs';
import { holdingSetUpLock } from './lib/set-up-lock.mjs';
import { fetchStarterModel, hasStarterModel } from './lib/starter-model.mjs';

/**
 * Everything a fresh clone needs before it can serve; plain JavaScript for Node 20 and npm alone. What is in place
 * is left alone, so that a second start spends next to nothing here.
 * @param {{ needsModel?: boolean, needsConsole?: boolean }} [wanted]
 *   `needsModel`: without the starter model there is nothing to be done (tests).
 * @returns {Promise<string>} the Node that everything else runs on
 * @throws {import('./lib/project.mjs').SetupError}
 */
export async function setUp({ needsModel = false, needsConsole = true } = {}) {
  const isDone = () => isInstalled() && (!needsConsole || (isConsoleBuilt() && hasStarterModel()));
  if (isDone()) return findNode();
  const ignoreSignals = endChildrenOnSignal();
  try {
    return await holdingSetUpLock(async () => {
      if (!isInstalled()) await install();
      const node = await findNode();
      if (!needsConsole) return node;
      if (!isConsoleBuilt()) await buildConsole(node);
      if (!hasStarterModel()) await fetchStarterModel({ isRequired: needsModel });
      return node;
    });
  } finally {
    ignoreSignals();
  }
}

/** As `setUp`, and what the tests drive: a Chromium, and where possible PostgreSQL, the tools for two hosts on one network, and
 * those that check certificates. */
export async function setUpForTests() {
  const node = await setUp({ needsModel: true });
  const ignoreSignals = endChildrenOnSignal();
  try {
    await ensureNetworkTools();
    await ensureCertificateTools();
    await ensurePostgres();
    await ensureProxies();
    return { node, chromium: await ensureChromium(node) };
  } finally {
    ignoreSignals();
  }
}
