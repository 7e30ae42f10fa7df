import { randomBytes } from 'node:crypto';
import type { ElectronApi, WindowApi } from './electron-api.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { guardContents, isWithin, openWindow } from './window.ts';

export type AppOptions = {
  /** `dist/server/main.js` */
  readonly serverEntry: string;
  /** `dist/electron/preload.cjs` */
  readonly preload: string;
  readonly readyTimeoutMs?: number;
};

const drainMs = 8_000;

/**
 * The app from launch to quit: one instance, the server below it, the window on the server's console. Quitting
 * waits for the server, so that answers on their way get their end. Resolves once the window stands (or the app
 * has been told to leave); what happens afterwards hangs on events.
 */
export async function runApp(electron: ElectronApi, options: AppOptions): Promise<void> {
  const { app, dialog } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  app.enableSandbox();
  const state: State = { origin: null, window: null, server: null, phase: 'running' };
  app.on('second-instance', () => bringForward(state.window));
  app.on('window-all-closed', () => app.quit());
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, (url) => state.origin !== null && isWithin(url, state.origin));
  });
  await app.whenReady();
  try {
    await open(electron, options, state);
  } catch (error) {
    if (state.phase !== 'running') return;
    dialog.showErrorBox('Inglenook could not start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  }
}

type State = {
  origin: string | null;
  window: WindowApi | null;
  server: ServerProcess | null;
  /** `gone`: the server has ended, nothing is left to wait for. */
  phase: 'running' | 'draining' | 'gone';
};

async function open(electron: ElectronApi, options: AppOptions, state: State): Promise<void> {
  const { app, dialog, utilityProcess } = electron;
  const windowToken = randomBytes(32).toString('base64url');
  const { serverEntry: entry, preload, readyTimeoutMs } = options;
  const server = startServer(utilityProcess, {
    entry,
    windowToken,
    ...(readyTimeoutMs === undefined ? {} : { readyTimeoutMs }),
  });
  state.server = server;
  quitAfterDraining(electron, state);
  state.origin = `http://127.0.0.1:${await server.ready}`;
  void server.exited.then((code) => {
    if (state.phase !== 'running') return;
    state.phase = 'gone';
    dialog.showErrorBox(
      'Inglenook has stopped',
      `The server ended unexpectedly (code ${code}). Keys and logs are safe. Please start Inglenook again.`,
    );
    app.exit(1);
  });
  state.window = openWindow(electron, {
    origin: state.origin,
    windowToken,
    preload,
    devTools: !app.isPackaged,
  });
  await state.window.loadURL(`${state.origin}/`);
}

/** The first wish to quit is put off until the server has ended, further ones as well; then it happens. */
function quitAfterDraining({ app }: ElectronApi, state: State): void {
  app.on('before-quit', (event) => {
    if (state.phase === 'gone' || state.server === null) return;
    event.preventDefault();
    if (state.phase === 'draining') return;
    state.phase = 'draining';
    void state.server.stop(drainMs).then(() => {
      state.phase = 'gone';
      app.quit();
    });
  });
}

function bringForward(window: WindowApi | null): void {
  if (window === null) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
