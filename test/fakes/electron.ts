import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi, ServerChild, SessionApi } from '../../electron/electron-api.ts';
import { messageToServer, type MessageFromServer, type MessageToServer } from '../../server/wire/host.ts';

/** Electron as the shell meets it, keeping Electron's own rules where breaking them would fail only in real life. */
export type FakeElectron = {
  readonly api: ElectronApi;
  readonly app: FakeApp;
  /** Every server started, in order. */
  readonly children: readonly FakeChild[];
  readonly windows: readonly FakeWindow[];
  readonly sessions: ReadonlyMap<string, FakeSession>;
  /** Title and text of every error the person was shown. */
  readonly errorBoxes: readonly (readonly [string, string])[];
};

/** What the server does when told something; the default says that it is ready and drains at once. */
export type ChildBehaviour = (message: MessageToServer, child: FakeChild) => void;

const obedient: ChildBehaviour = (message, child) => {
  if (message.type === 'init') child.say({ v: 1, type: 'ready', port: 4321 });
  else child.end(0);
};

export function fakeElectron({
  behaviour = obedient,
  isFirstInstance = true,
}: { readonly behaviour?: ChildBehaviour; readonly isFirstInstance?: boolean } = {}): FakeElectron {
  const app = new FakeApp(isFirstInstance);
  const children: FakeChild[] = [];
  const windows: FakeWindow[] = [];
  const sessions = new Map<string, FakeSession>();
  const errorBoxes: [string, string][] = [];
  const api = {
    app,
    BrowserWindow: class extends FakeWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        if (!app.isReady) throw new Error('Cannot create BrowserWindow before app is ready');
        windows.push(this);
      }
    },
    session: {
      fromPartition(partition) {
        if (!app.isReady) throw new Error('Session can only be received when app is ready');
        const session = sessions.get(partition) ?? new FakeSession();
        sessions.set(partition, session);
        return session;
      },
    },
    utilityProcess: {
      fork(modulePath, args) {
        if (!app.isReady) throw new Error('utilityProcess cannot be created before app is ready.');
        const child = new FakeChild(modulePath, args, behaviour);
        children.push(child);
        return child;
      },
    },
    dialog: { showErrorBox: (title, text) => void errorBoxes.push([title, text]) },
  } satisfies ElectronApi;
  return { api, app, children, windows, sessions, errorBoxes };
}

class FakeApp extends EventEmitter {
  readonly isPackaged = true;
  readonly isFirstInstance: boolean;
  isReady = false;
  isSandboxed = false;
  /** How the app has ended; null while it runs. */
  exitCode: number | null = null;
  readonly ended = Promise.withResolvers<number>();

  constructor(isFirstInstance: boolean) {
    super();
    this.isFirstInstance = isFirstInstance;
  }

  requestSingleInstanceLock(): boolean {
    return this.isFirstInstance;
  }

  enableSandbox(): void {
    if (this.isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.isSandboxed = true;
  }

  async whenReady(): Promise<void> {
    await Promise.resolve();
    this.isReady = true;
  }

  /** Asks everybody first; whoever prevents it keeps the app alive. */
  quit(): void {
    let isPrevented = false;
    this.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    if (!isPrevented) this.exit(0);
  }

  /** Asks nobody. */
  exit(code = 0): void {
    if (this.exitCode !== null) return;
    this.exitCode = code;
    this.ended.resolve(code);
  }
}

class FakeChild extends EventEmitter implements ServerChild {
  readonly modulePath: string;
  readonly args: readonly string[];
  readonly told: MessageToServer[] = [];
  isKilled = false;
  readonly #behaviour: ChildBehaviour;

  constructor(modulePath: string, args: readonly string[], behaviour: ChildBehaviour) {
    super();
    this.modulePath = modulePath;
    this.args = args;
    this.#behaviour = behaviour;
  }

  /** Delivered later, as between real processes. */
  postMessage(raw: unknown): void {
    const message = messageToServer.parse(structuredClone(raw));
    this.told.push(message);
    queueMicrotask(() => this.#behaviour(message, this));
  }

  kill(): boolean {
    this.isKilled = true;
    queueMicrotask(() => this.end(15));
    return true;
  }

  say(message: MessageFromServer): void {
    this.emit('message', structuredClone(message));
  }

  end(code: number): void {
    this.emit('exit', code);
  }
}

class FakeWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly loaded: string[] = [];
  isShown = false;
  isSmall = false;
  hasFocus = false;

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }

  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    await Promise.resolve();
    this.emit('ready-to-show');
  }

  isMinimized(): boolean {
    return this.isSmall;
  }

  restore(): void {
    this.isSmall = false;
  }

  show(): void {
    this.isShown = true;
  }

  focus(): void {
    this.hasFocus = true;
  }
}

type PermissionRequest = Parameters<SessionApi['setPermissionRequestHandler']>[0];
type PermissionCheck = Parameters<SessionApi['setPermissionCheckHandler']>[0];
type BeforeSend = (
  details: { readonly url: string; readonly requestHeaders: Record<string, string> },
  proceed: (answer: { readonly requestHeaders?: Record<string, string | string[]> }) => void,
) => void;

class FakeSession implements SessionApi {
  permissionRequest: PermissionRequest = null;
  permissionCheck: PermissionCheck = null;
  filterUrls: readonly string[] = [];
  #beforeSend: BeforeSend | null = null;

  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: PermissionCheck): void {
    this.permissionCheck = handler;
  }

  readonly webRequest = {
    onBeforeSendHeaders: (filter: unknown, listener?: unknown): void => {
      if (this.#beforeSend !== null) throw new Error('Electron keeps only the last listener: one is lost');
      this.filterUrls = (filter as { readonly urls: readonly string[] }).urls;
      this.#beforeSend = listener as BeforeSend;
    },
  };

  /** The headers with which a request of the page leaves. */
  send(url: string, requestHeaders: Record<string, string> = {}): Record<string, string | string[]> {
    let sent: Record<string, string | string[]> = requestHeaders;
    this.#beforeSend?.({ url, requestHeaders }, (answer) => (sent = answer.requestHeaders ?? requestHeaders));
    return sent;
  }

  /** What both handlers say; throws where they differ. */
  allows(permission: string, url: string): boolean {
    let isGranted = true;
    const details = { requestingUrl: url, isMainFrame: true };
    const [contents, name] = [null, permission] as [never, never];
    this.permissionRequest?.(contents, name, (answer) => (isGranted = answer), details);
    const isChecked = this.permissionCheck?.(contents, name, url, details) ?? true;
    if (isGranted !== isChecked) throw new Error(`The two handlers differ on ${permission}`);
    return isGranted;
  }
}
