import type {
  BrowserWindowConstructorOptions,
  Session,
  UtilityProcess,
  WebContents,
  App,
  Dialog,
} from 'electron';
import type { ForkOptions } from 'electron';

/**
 * The part of Electron the shell uses. Only `main.ts` imports Electron by value and hands it in, so the real typings
 * are held against this there, and the double of the tests (`test/fakes/electron.ts`) here. Events are listed one
 * by one: Electron's own overloads number in the hundreds.
 */
export type ElectronApi = {
  readonly app: AppApi;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => WindowApi;
  readonly session: { readonly fromPartition: (partition: string) => SessionApi };
  readonly utilityProcess: UtilityProcessApi;
  readonly dialog: Pick<Dialog, 'showErrorBox'>;
};

export type AppApi = Pick<
  App,
  'requestSingleInstanceLock' | 'enableSandbox' | 'whenReady' | 'quit' | 'exit'
> & {
  readonly isPackaged: boolean;
  on(event: 'second-instance' | 'window-all-closed' | 'will-quit', listener: () => void): unknown;
  on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
  on(event: 'web-contents-created', listener: (event: Preventable, contents: ContentsApi) => void): unknown;
};

export type UtilityProcessApi = {
  readonly fork: (modulePath: string, args: string[], options: ForkOptions) => ServerChild;
};

export type ServerChild = Pick<UtilityProcess, 'postMessage' | 'kill'> & {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  once(event: 'exit', listener: (code: number) => void): unknown;
};

export type WindowApi = {
  loadURL(url: string): Promise<void>;
  isMinimized(): boolean;
  restore(): void;
  show(): void;
  focus(): void;
  once(event: 'ready-to-show', listener: () => void): unknown;
};

export type SessionApi = Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'> & {
  readonly webRequest: Pick<Session['webRequest'], 'onBeforeSendHeaders'>;
};

export type ContentsApi = Pick<WebContents, 'setWindowOpenHandler'> & {
  on(event: 'will-navigate' | 'will-redirect', listener: (event: Navigation) => void): unknown;
  on(event: 'will-frame-navigate', listener: (event: Navigation) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
};

export type Preventable = { readonly preventDefault: () => void };
type Navigation = Preventable & { readonly url: string };
