import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions, ForkOptions, NotificationConstructorOptions } from 'electron';
import type { ElectronApi, IpcEvent } from '../../electron/electron-api.ts';
import type { HostState } from '../../server/wire/host.ts';
import { FakeApp, FakeChild, type ChildBehaviour, type FakeAppOptions } from './electron-app.ts';
import {
  fakeSafeStorage,
  FakeNotification,
  FakeSession,
  FakeTray,
  FakeWindow,
  type FakeMenu,
  type KeychainKind,
} from './electron-window.ts';

/** Electron as the shell meets it, keeping Electron's own rules where breaking them would fail only in real life. */
export type FakeElectron = {
  readonly api: ElectronApi;
  readonly app: FakeApp;
  /** Every server started, in order. */
  readonly children: readonly FakeChild[];
  readonly windows: readonly FakeWindow[];
  readonly sessions: ReadonlyMap<string, FakeSession>;
  readonly trays: readonly FakeTray[];
  readonly notifications: readonly FakeNotification[];
  readonly powerMonitor: EventEmitter;
  /** Names of the blockers that hold just now. */
  readonly blockers: ReadonlyMap<number, string>;
  /** What was asked, with its buttons; the next of `answers` is what the person chooses, by its words. */
  readonly asked: { readonly title: string; readonly detail: string; readonly buttons: readonly string[] }[];
  readonly answers: string[];
  /** Files that the person chooses next; null for changing their mind. */
  readonly picks: (string | null)[];
  readonly opened: string[];
  readonly copied: string[];
  readonly menu: () => FakeMenu | null;
  /** As the page does it, from the frame given. */
  readonly invoke: (frame: IpcEvent['senderFrame'], channel: string, ...args: unknown[]) => Promise<unknown>;
};

export type FakeElectronOptions = Partial<FakeAppOptions> & {
  readonly behaviour?: ChildBehaviour;
  readonly keychain?: () => KeychainKind;
  readonly canTray?: boolean;
  readonly canNotify?: boolean;
  /** What pages answer to the shell's own question. */
  readonly page?: unknown;
};

export const restingState: HostState = {
  phase: 'serving',
  pauses: { gpu: null, all: null },
  active: 0,
  models: [],
  lanAddress: null,
  keepAwake: 'no',
  update: null,
  error: null,
};

/** Is ready at once and drains at once. */
export const obedient: ChildBehaviour = (message, child) => {
  if (message.type === 'init') {
    child.say({ v: 1, type: 'ready', port: 4321 });
    child.say({ v: 1, type: 'state', state: restingState });
  }
  if (message.type === 'ticket') {
    child.say({ v: 1, type: 'ticket', id: message.id, url: 'http://127.0.0.1:4321/console/sign-in#once' });
  }
  if (message.type === 'ping') child.say({ v: 1, type: 'pong' });
  if (message.type === 'drain') child.end(0);
};

export function fakeElectron(options: FakeElectronOptions = {}): FakeElectron {
  const { behaviour = obedient, isFirstInstance = true, isPackaged = true, locale = 'en-GB' } = options;
  const { keychain = () => 'works', canTray = true, canNotify = true } = options;
  const app = new FakeApp({ isFirstInstance, isPackaged, locale });
  const children: FakeChild[] = [];
  const windows: FakeWindow[] = [];
  const trays: FakeTray[] = [];
  const notifications: FakeNotification[] = [];
  const sessions = new Map<string, FakeSession>();
  const asked: FakeElectron['asked'] = [];
  const answers: string[] = [];
  const picks: (string | null)[] = [];
  const opened: string[] = [];
  const copied: string[] = [];
  const blockers = new Map<number, string>();
  const handlers = new Map<string, (event: IpcEvent, ...args: unknown[]) => unknown>();
  const powerMonitor = new EventEmitter();
  let menu: FakeMenu | null = null;
  let nextBlocker = 0;
  const requireReady = (what: string): void => {
    if (!app.isReady) throw new Error(`${what} before app is ready`);
  };
  const api = {
    app,
    BrowserWindow: class extends FakeWindow {
      constructor(windowOptions: BrowserWindowConstructorOptions) {
        super(windowOptions);
        requireReady('Cannot create BrowserWindow');
        this.answer = options.page ?? null;
        windows.push(this);
      }
    },
    Tray: class extends FakeTray {
      constructor(image: string) {
        super(image);
        requireReady('Cannot create Tray');
        if (!canTray) throw new Error(`Failed to load image from path '${image}'`);
        trays.push(this);
      }
    },
    Menu: {
      // Electron takes over what it is given; so a change of it afterwards goes unseen.
      buildFromTemplate: (template) => ({ template: [...template] }) as unknown as FakeMenu,
      setApplicationMenu: (made) => (menu = made as FakeMenu | null),
    },
    Notification: class extends FakeNotification {
      static isSupported(): boolean {
        return canNotify;
      }
      constructor(noteOptions: NotificationConstructorOptions) {
        super(noteOptions);
        requireReady('Cannot create Notification');
        notifications.push(this);
      }
    },
    session: {
      fromPartition(partition) {
        requireReady('Session can only be received not');
        const session = sessions.get(partition) ?? new FakeSession();
        sessions.set(partition, session);
        return session;
      },
    },
    utilityProcess: {
      fork(modulePath, args, { env = {} }: ForkOptions) {
        requireReady('utilityProcess cannot be created');
        const environment = env as Readonly<Record<string, string>>;
        const child = new FakeChild({ modulePath, args, environment }, behaviour);
        children.push(child);
        return child;
      },
    },
    dialog: {
      showErrorBox: (title, text) => void asked.push({ title, detail: text, buttons: [] }),
      async showMessageBox({ title = '', detail = '', buttons = [], cancelId = 0 }) {
        requireReady('dialog cannot be used');
        asked.push({ title, detail, buttons });
        const response = buttons.indexOf(answers.shift() ?? '');
        return { response: response === -1 ? cancelId : response };
      },
      async showOpenDialog() {
        requireReady('dialog cannot be used');
        const pick = picks.shift() ?? null;
        return { canceled: pick === null, filePaths: pick === null ? [] : [pick] };
      },
    },
    shell: {
      openPath: async (path) => {
        opened.push(path);
        return '';
      },
      async openExternal(url) {
        opened.push(url);
      },
    },
    clipboard: {
      async writeText(text) {
        copied.push(text);
      },
    },
    safeStorage: fakeSafeStorage(() => app.isReady, keychain),
    powerMonitor,
    powerSaveBlocker: {
      start(type) {
        blockers.set(nextBlocker, type);
        return nextBlocker++;
      },
      stop: (id) => blockers.delete(id),
    },
    ipcMain: {
      handle(channel, listener) {
        if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
        handlers.set(channel, listener);
      },
    },
  } satisfies ElectronApi;
  return {
    api,
    app,
    children,
    windows,
    sessions,
    trays,
    notifications,
    powerMonitor,
    blockers,
    asked,
    answers,
    picks,
    opened,
    copied,
    menu: () => menu,
    async invoke(senderFrame, channel, ...args) {
      const handler = handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      // What crosses between processes is cloned, both ways.
      const cloned = structuredClone(args);
      return structuredClone(await handler({ senderFrame }, ...cloned));
    },
  };
}
