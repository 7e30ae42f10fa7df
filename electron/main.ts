import { mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { usualDataDir } from '../server/wire/data-dir.ts';
import { runApp } from './app.ts';
import { smokeArgument } from './smoke.ts';
import { systemTime } from './time.ts';
import { hasTrayHost } from './tray.ts';

const { platform, argv, env: environment, execPath } = process;
const home = homedir();
const isSmokeTest = argv.includes(smokeArgument);
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The self-test leaves the owner's data alone. */
const wantedDir = environment['INGLENOOK_DATA_DIR'];
const isScratch = isSmokeTest && !wantedDir;
function dataDir(): string {
  if (wantedDir) return resolve(wantedDir);
  if (isScratch) return mkdtempSync(join(tmpdir(), 'inglenook-smoke-'));
  return usualDataDir({ platform, environment, home });
}

// Started from a terminal that has been closed since, a word to it would be an error that nobody has asked for.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const electron = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  session,
  shell,
  Tray,
  utilityProcess,
};

// Not awaited: Electron becomes ready only after this module has been evaluated.
void runApp(electron, {
  serverEntry: at('../server/main.js'),
  preload: at('preload.cjs'),
  iconsDir: at('../../resources/icons'),
  surroundings: { platform, argv, environment, home, execPath, dataDir: dataDir() },
  time: systemTime,
  isScratch,
  hasTrayHost: () => hasTrayHost(platform),
  ...(isSmokeTest && !environment['INGLENOOK_PORT'] ? { serverEnvironment: { INGLENOOK_PORT: '0' } } : {}),
}).catch((error: unknown) => {
  dialog.showErrorBox('Inglenook could not start', error instanceof Error ? error.message : String(error));
  app.exit(1);
});
