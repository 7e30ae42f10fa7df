import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { linkIn, linkScheme, placeOf } from './deep-link.ts';
import type { ElectronApi } from './electron-api.ts';
import { drawsWithoutGpu, watchGpu } from './gpu.ts';
import { guardContents, isWithin } from './guards.ts';
import { ipcHandlers } from './ipc-handlers.ts';
import { openIpc } from './ipc.ts';
import { applicationMenu } from './menu.ts';
import { createShell, windowDir, type Shell, type ShellOptions } from './shell.ts';
import { smokeArgument, smokeTest, tellThatItRuns } from './smoke.ts';

/** As in `electron-builder.yml`; Windows shows notifications of no other. */
const appId = 'example.inglenook.app';

/**
 * The app from launch to quit: one instance, the server below it, the window on the server's console, the tray. Quitting
 * waits for the server, so that answers on their way get their end. Resolves once all is under way (or the app has been
 * told to leave); what happens afterwards hangs on events.
 */
export async function runApp(electron: ElectronApi, options: ShellOptions): Promise<void> {
  const { app } = electron;
  const { surroundings } = options;
  const { argv, platform } = surroundings;
  nameItself(electron, options);
  const isSmokeTest = argv.includes(smokeArgument);
  if (!app.requestSingleInstanceLock()) return isSmokeTest ? tellThatItRuns(electron) : app.quit();
  app.enableSandbox();
  const gpuFile = join(windowDir(surroundings.dataDir), 'no-gpu.json');
  if (drawsWithoutGpu(gpuFile, app.getVersion(), argv)) app.disableHardwareAcceleration();
  if (app.isPackaged) app.setAsDefaultProtocolClient(linkScheme);

  let shell: Shell | null = null;
  /** Of links that came before there was a window. */
  const earlyPlaces: string[] = [];
  let isWantedAgain = false;
  const follow = (link: string | null): void => {
    const place = link === null ? '' : placeOf(link);
    if (place === null) return;
    // Who starts it while its last answers end means the next one.
    if (quitting.isUnderWay()) return void (isWantedAgain = true);
    if (shell === null) earlyPlaces.push(place);
    else shell.actions.open(place === '' ? undefined : place);
  };
  app.on('second-instance', (_event, theirs) => follow(linkIn(theirs)));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    follow(link);
  });
  // At a launch macOS may say it before there is anything to open.
  app.on('activate', () => shell !== null && follow(null));
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, (url) => isOurPage(shell, url));
  });
  // With nothing to live in the app ends with its window; else a closed window is only hidden.
  app.on('window-all-closed', () => app.quit());
  const quitting = quitAfterDraining(electron, {
    shell: () => shell,
    onGone: () => isWantedAgain && relaunch(electron, options),
  });

  await app.whenReady();
  const take = (made: Shell): void => {
    shell = made;
    openIpc(electron.ipcMain, made.window.isOurs, ipcHandlers(electron, made, platform));
  };
  if (isSmokeTest) return smokeTest(electron, options, take);
  const made = createShell(electron, options);
  take(made);
  const { actions, words } = made;
  const menu = applicationMenu({ platform, words, actions, devTools: !app.isPackaged });
  electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu));
  watchGpu(app, { file: gpuFile, time: options.time, onHopeless: () => comeAgain(electron, options) });
  const first = linkIn(argv);
  if (first !== null) follow(first);
  for (const place of earlyPlaces) actions.open(place === '' ? undefined : place);
}

/** Before anything of Electron's is used: its folders, and what the lock of the single instance goes by. */
function nameItself({ app }: ElectronApi, { surroundings }: ShellOptions): void {
  const { dataDir } = surroundings;
  app.setName('Inglenook');
  // Each data folder has an app of its own. Only its person may look in, as the server would have it.
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (const dir of [windowDir(dataDir), join(dataDir, 'logs')]) mkdirSync(dir, { recursive: true });
  app.setPath('userData', windowDir(dataDir));
  app.setAppLogsPath(join(dataDir, 'logs'));
  app.setAppUserModelId(appId);
}

function isOurPage(shell: Shell | null, url: string): boolean {
  const origin = shell?.window.origin() ?? null;
  return origin !== null && isWithin(url, origin);
}

/** The first wish to quit is put off until the server has ended, further ones as well; then it happens. */
function quitAfterDraining(
  { app }: ElectronApi,
  options: { readonly shell: () => Shell | null; readonly onGone: () => void },
): { readonly isUnderWay: () => boolean } {
  let phase: 'running' | 'draining' | 'gone' = 'running';
  app.on('before-quit', (event) => {
    const shell = options.shell();
    if (phase === 'gone' || shell === null) return;
    event.preventDefault();
    if (phase === 'draining') return;
    phase = 'draining';
    shell.setQuitting();
    void shell.stop().then(() => {
      phase = 'gone';
      options.onGone();
      app.quit();
    });
  });
  return { isUnderWay: () => phase !== 'running' };
}

/** Once this one has ended. An AppImage's program lies in a folder that is gone by then: its own file is started. */
function relaunch({ app }: ElectronApi, { surroundings }: ShellOptions): void {
  const appImage = surroundings.environment['APPIMAGE'];
  app.relaunch(appImage === undefined ? {} : { execPath: appImage });
}

function comeAgain(electron: ElectronApi, options: ShellOptions): void {
  relaunch(electron, options);
  electron.app.quit();
}
