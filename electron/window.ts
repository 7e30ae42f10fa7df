import type { BrowserWindowConstructorOptions } from 'electron';
import type { ContentsApi, ElectronApi, SessionApi, WindowApi } from './electron-api.ts';

/** In memory only (no `persist:`): the window signs in anew at every launch and leaves nothing behind. */
const partition = 'inglenook';

export type WindowOptions = {
  /** `http://127.0.0.1:PORT`, the one place the window may ever be. */
  readonly origin: string;
  readonly windowToken: string;
  readonly preload: string;
  readonly devTools: boolean;
};

/** Opens the console. The page itself never sees the token: it is added to its requests on their way. */
export function openWindow(
  { BrowserWindow, session }: Pick<ElectronApi, 'BrowserWindow' | 'session'>,
  options: WindowOptions,
): WindowApi {
  const { origin, windowToken, preload, devTools } = options;
  const windowSession = session.fromPartition(partition);
  denyPermissions(windowSession, origin);
  signRequests(windowSession, origin, windowToken);
  const window = new BrowserWindow({
    ...appearance,
    webPreferences: { ...isolation, partition, preload, devTools },
  });
  window.once('ready-to-show', () => window.show());
  return window;
}

const appearance: BrowserWindowConstructorOptions = {
  title: 'Inglenook',
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

/** With no handler installed Electron grants everything; both are needed. */
function denyPermissions(windowSession: SessionApi, origin: string): void {
  const isAllowed = (permission: string, url: string): boolean =>
    permission === 'clipboard-sanitized-write' && isWithin(url, origin);
  windowSession.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(isAllowed(permission, details.requestingUrl));
  });
  windowSession.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    isAllowed(permission, requestingOrigin),
  );
}

/** Only the admin API needs the token; `/v1` on the same port takes API keys and would refuse it. */
function signRequests(windowSession: SessionApi, origin: string, windowToken: string): void {
  windowSession.webRequest.onBeforeSendHeaders({ urls: [`${origin}/api/*`] }, (details, proceed) => {
    const { requestHeaders, url } = details;
    // The filter's pattern matching is Chromium's; a secret deserves a second look of our own.
    if (!isWithin(url, origin)) return proceed({ requestHeaders });
    proceed({ requestHeaders: { ...requestHeaders, Authorization: `Bearer ${windowToken}` } });
  });
}

/** Nothing in the window leads away from the server's own pages, whoever asks for it. */
export function guardContents(contents: ContentsApi, isOurs: (url: string) => boolean): void {
  for (const event of ['will-navigate', 'will-redirect'] as const) {
    contents.on(event, (navigation) => {
      if (!isOurs(navigation.url)) navigation.preventDefault();
    });
  }
  contents.on('will-frame-navigate', (navigation) => {
    if (!isOurs(navigation.url)) navigation.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Compared as parsed origins: `http://127.0.0.1:1@elsewhere.example` begins the right way and is not ours. */
export function isWithin(url: string, origin: string): boolean {
  return URL.parse(url)?.origin === origin;
}
