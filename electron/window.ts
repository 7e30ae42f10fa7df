import type { BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi, WindowApi } from './electron-api.ts';
import { denyPermissions, isWithin, signRequests } from './guards.ts';
import type { Time } from './time.ts';

/** In memory only (no `persist:`): the window signs in anew at every launch and leaves nothing behind. */
const partition = 'inglenook';

/** The one window, which comes and goes while the server runs on. */
export type MainWindow = {
  /** A server stands behind it now; the window shows its console, if it is open. */
  readonly connect: (server: { readonly origin: string; readonly windowToken: string }) => void;
  /** Opens it or brings it forward; with a path it goes there. Without a server it comes once there is one. */
  readonly show: (path?: string) => void;
  readonly origin: () => string | null;
  /** The main frame of our window on our own page, and nobody else. */
  readonly isOurs: (frame: { readonly url: string } | null) => boolean;
  /** For the self-test: loads the console and looks into it. */
  readonly evaluate: (code: string) => Promise<unknown>;
  readonly isOpen: () => boolean;
};

export type MainWindowOptions = {
  readonly preload: string;
  readonly devTools: boolean;
  readonly icon: string | null;
  readonly time: Time;
  /** What becomes of a window that the person closes; `close` where the whole app may end. */
  readonly onClose: () => 'hide' | 'minimise' | 'close';
  /** The page has died twice within a minute. */
  readonly onBroken: () => void;
  /** The person signs off, or the computer shuts down (Windows). */
  readonly onSessionEnd: () => void;
};

export function createMainWindow(
  electron: Pick<ElectronApi, 'BrowserWindow' | 'session'>,
  options: MainWindowOptions,
): MainWindow {
  let origin: string | null = null;
  let window: WindowApi | null = null;
  let wantedPath: string | null = null;
  const isOurPage = (url: string): boolean => origin !== null && isWithin(url, origin);
  let hasSession = false;

  function connect(server: { readonly origin: string; readonly windowToken: string }): void {
    const windowSession = electron.session.fromPartition(partition);
    if (!hasSession) denyPermissions(windowSession, isOurPage);
    hasSession = true;
    const before = origin;
    ({ origin } = server);
    signRequests(windowSession, origin, server.windowToken);
    if (window !== null) void load(window, pathOf(window.webContents.getURL(), before));
    else if (wantedPath !== null) show(wantedPath);
  }

  function show(path?: string): void {
    if (origin === null) {
      wantedPath = path ?? wantedPath ?? '/';
      return;
    }
    wantedPath = null;
    if (window === null) {
      window = open();
      void load(window, path ?? '/');
      return;
    }
    if (path !== undefined) void load(window, path);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  function open(): WindowApi {
    const { preload, devTools, icon } = options;
    const opened = new electron.BrowserWindow({
      ...appearance,
      ...(icon === null ? {} : { icon }),
      webPreferences: { ...isolation, partition, preload, devTools },
    });
    opened.once('ready-to-show', () => opened.show());
    opened.on('closed', () => (window = null));
    opened.on('session-end', options.onSessionEnd);
    let isClosing = false;
    // A page with unsaved changes is not left for another one, and so nothing in it is lost; but it does not keep the
    // app from ending, whose server is gone by then. (Preventing this event lets the page go.)
    opened.webContents.on('will-prevent-unload', (event) => {
      if (isClosing) event.preventDefault();
    });
    opened.on('close', (event) => {
      const fate = options.onClose();
      isClosing = fate === 'close';
      if (isClosing) return;
      event.preventDefault();
      if (fate === 'hide') opened.hide();
      else opened.minimize();
    });
    reloadOnce(opened);
    return opened;
  }

  /** A page that dies gets one more try a minute; what keeps dying would only flicker. */
  function reloadOnce(opened: WindowApi): void {
    let lastMs = Number.NEGATIVE_INFINITY;
    opened.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit') return;
      const nowMs = options.time.monotonicMs();
      const isAgain = nowMs - lastMs < oncePerMs;
      lastMs = nowMs;
      if (isAgain) options.onBroken();
      else void load(opened, '/');
    });
  }

  async function load(target: WindowApi, path: string): Promise<void> {
    // One that fails (the server is going down at this moment) is loaded again with the next server.
    if (origin !== null && !target.isDestroyed()) await target.loadURL(origin + path).catch(() => undefined);
  }

  return {
    connect,
    show,
    origin: () => origin,
    isOurs: (frame) =>
      frame !== null && window !== null && frame === window.webContents.mainFrame && isOurPage(frame.url),
    async evaluate(code) {
      window ??= open();
      await load(window, '/');
      return await window.webContents.executeJavaScript(code);
    },
    isOpen: () => window !== null,
  };
}

const oncePerMs = 60_000;

/** Where the window was, for the next server; its beginning where that was nowhere of ours. */
function pathOf(url: string, origin: string | null): string {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.origin === origin ? parsed.pathname + parsed.search : '/';
}

const appearance: BrowserWindowConstructorOptions = {
  title: 'Inglenook',
  // By this name Electron keeps where the window stood and how large it was.
  name: 'main',
  windowStatePersistence: true,
  width: 1200,
  height: 800,
  minWidth: 360,
  minHeight: 480,
  show: false,
  autoHideMenuBar: true,
};

/** Electron's defaults today, written down so that no later default changes them. */
const isolation = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  webviewTag: false,
  spellcheck: false,
} as const;
