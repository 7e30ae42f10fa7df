import type {
  App,
  BrowserWindowConstructorOptions,
  Clipboard,
  Dialog,
  ForkOptions,
  MenuItemConstructorOptions,
  NotificationConstructorOptions,
  PowerSaveBlocker,
  SafeStorage,
  Session,
  Shell,
  UtilityProcess,
  WebContents,
} from 'electron';

/**
 * The part of Electron the shell uses. Only `main.ts` imports Electron by value and hands it in, so the real typings
 * are held against this there, and the double of the tests (`test/fakes/electron.ts`) here. Events are listed one
 * by one: Electron's own overloads number in the hundreds.
 */
export type ElectronApi = {
  readonly app: AppApi;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => WindowApi;
  readonly Tray: new (image: string) => TrayApi;
  readonly Menu: MenuApi;
  readonly Notification: NotificationClass;
  readonly session: { readonly fromPartition: (partition: string) => SessionApi };
  readonly utilityProcess: UtilityProcessApi;
  readonly dialog: Pick<Dialog, 'showErrorBox'> & DialogApi;
  readonly shell: Pick<Shell, 'openPath' | 'openExternal'>;
  readonly clipboard: Pick<Clipboard, 'writeText'>;
  readonly safeStorage: SafeStorageApi;
  readonly powerMonitor: PowerMonitorApi;
  readonly powerSaveBlocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  readonly ipcMain: IpcMainApi;
};

export type AppApi = Pick<
  App,
  | 'requestSingleInstanceLock'
  | 'enableSandbox'
  | 'disableHardwareAcceleration'
  | 'whenReady'
  | 'quit'
  | 'exit'
  | 'relaunch'
  | 'setName'
  | 'setPath'
  | 'setAppLogsPath'
  | 'setAppUserModelId'
  | 'setAsDefaultProtocolClient'
  | 'getVersion'
  | 'getLocale'
  | 'getLoginItemSettings'
  | 'setLoginItemSettings'
> & {
  readonly isPackaged: boolean;
  on(event: 'second-instance', listener: (event: unknown, argv: string[]) => void): unknown;
  on(event: 'open-url', listener: (event: Preventable, url: string) => void): unknown;
  on(event: 'window-all-closed' | 'activate', listener: () => void): unknown;
  on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: ContentsApi) => void): unknown;
  on(event: 'child-process-gone', listener: (event: unknown, details: ProcessGone) => void): unknown;
};

export type ProcessGone = { readonly type: string; readonly reason: string };

export type UtilityProcessApi = {
  readonly fork: (modulePath: string, args: string[], options: ForkOptions) => ServerChild;
};

export type ServerChild = Pick<UtilityProcess, 'postMessage' | 'kill'> & {
  readonly pid: number | undefined;
  /** Null unless it was started with a pipe for it. */
  readonly stderr: NodeJS.ReadableStream | null;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (type: string, location: string) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
};

export type WindowApi = {
  readonly webContents: {
    readonly mainFrame: unknown;
    readonly executeJavaScript: (code: string) => Promise<unknown>;
    readonly getURL: () => string;
    on(
      event: 'render-process-gone',
      listener: (event: unknown, details: { reason: string }) => void,
    ): unknown;
    on(event: 'will-prevent-unload', listener: (event: Preventable) => void): unknown;
  };
  loadURL(url: string): Promise<void>;
  isDestroyed(): boolean;
  isMinimized(): boolean;
  restore(): void;
  minimize(): void;
  show(): void;
  hide(): void;
  focus(): void;
  once(event: 'ready-to-show', listener: () => void): unknown;
  on(event: 'close', listener: (event: Preventable) => void): unknown;
  on(event: 'session-end' | 'closed', listener: () => void): unknown;
};

export type SessionApi = Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'> & {
  readonly webRequest: Pick<Session['webRequest'], 'onBeforeSendHeaders'>;
};

export type ContentsApi = Pick<WebContents, 'setWindowOpenHandler'> & {
  on(event: 'will-navigate' | 'will-redirect', listener: (event: Navigation) => void): unknown;
  on(event: 'will-frame-navigate', listener: (event: Navigation) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
};

export type TrayApi = {
  setToolTip(text: string): void;
  setContextMenu(menu: MenuHandle): void;
  on(event: 'click' | 'double-click', listener: () => void): unknown;
};

/** A menu that Electron has made; nothing is done with it but handing it back. */
export type MenuHandle = Electron.Menu;

export type MenuApi = {
  readonly buildFromTemplate: (template: MenuItemConstructorOptions[]) => MenuHandle;
  readonly setApplicationMenu: (menu: MenuHandle | null) => void;
};

export type NotificationClass = {
  new (options: NotificationConstructorOptions): NotificationApi;
  isSupported(): boolean;
};

export type NotificationApi = {
  show(): void;
  close(): void;
  on(event: 'click' | 'close', listener: () => void): unknown;
  on(event: 'failed', listener: (event: unknown, error: string) => void): unknown;
};

export type DialogApi = {
  readonly showMessageBox: (options: Electron.MessageBoxOptions) => Promise<{ response: number }>;
  readonly showOpenDialog: (
    options: Electron.OpenDialogOptions,
  ) => Promise<{ canceled: boolean; filePaths: string[] }>;
};

/** Its older, synchronous half is deprecated and blocks the window while a keychain asks its person. */
export type SafeStorageApi = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

export type PowerMonitorApi = {
  on(event: 'resume', listener: () => void): unknown;
  /** Its typings leave the event out, which its manual has. */
  on(event: 'shutdown', listener: (event?: Preventable) => void): unknown;
};

export type IpcMainApi = {
  handle(channel: string, listener: (event: IpcEvent, ...args: unknown[]) => unknown): void;
};

export type IpcEvent = { readonly senderFrame: { readonly url: string } | null };

export type Preventable = { readonly preventDefault: () => void };
type Navigation = Preventable & { readonly url: string };
