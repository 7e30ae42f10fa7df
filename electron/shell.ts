import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hostProtocolVersion as v, type HostState, type MessageFromServer } from '../server/wire/host.ts';
import { createBrowserLink } from './browser-link.ts';
import type { ElectronApi } from './electron-api.ts';
import { createLoginItem, type LoginItem } from './login-item.ts';
import { createPairingNotes } from './notify.ts';
import { watchPower } from './power.ts';
import { keepPreferences, type PreferenceKeeper } from './preferences.ts';
import { tellOfHiding } from './questions.ts';
import { forgetMasterKey, openSecrets } from './secrets.ts';
import { startServer, type Failure, type ServerProcess } from './server-process.ts';
import type { SecretsKept } from './shared/channels.ts';
import { supervise, type Phase, type Supervisor } from './supervisor.ts';
import type { Time } from './time.ts';
import { createTray, type AppTray } from './tray.ts';
import { createTrouble } from './trouble.ts';
import type { Actions, View } from './view.ts';
import { createMainWindow, type MainWindow } from './window.ts';
import { wordsFor, type Words } from './words.ts';

/** What the shell is told of where it runs. */
export type Surroundings = {
  readonly platform: NodeJS.Platform;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly execPath: string;
  /** Where the server keeps its data, and the shell its own in `window/`. */
  readonly dataDir: string;
};

export type ShellOptions = {
  /** `dist/server/main.js` */
  readonly serverEntry: string;
  /** `dist/electron/preload.cjs` */
  readonly preload: string;
  /** `resources/icons` */
  readonly iconsDir: string;
  readonly surroundings: Surroundings;
  readonly time: Time;
  readonly hasTrayHost: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
  /** What the server is told beside the environment. */
  readonly serverEnvironment?: Readonly<Record<string, string>>;
  /** In place of asking the person, for the self-test. */
  readonly onFailed?: (failure: Failure) => void;
  /** In place of showing the window, for the self-test. */
  readonly onRunning?: () => void;
  /** The data folder is for this once: the self-test removes it at its end. */
  readonly isScratch?: boolean;
};

/** The app from its readiness to its end: the server below, the window, the tray, and what ties them. */
export type Shell = {
  readonly window: MainWindow;
  readonly words: Words;
  readonly actions: Actions;
  readonly preferences: PreferenceKeeper;
  readonly loginItem: LoginItem;
  readonly secrets: () => SecretsKept;
  readonly hasTray: () => boolean;
  /** The window must close for good now. */
  readonly setQuitting: () => void;
  /** Lets answers end; resolves when the server has gone. */
  readonly stop: () => Promise<void>;
};

const triesAtLogin = 15;
const drainMs = 8_000;
/** No system waits longer than about 5 s for its programs. */
const hurriedDrainMs = 3_000;

/** Folder of the shell's own files, and of Chromium's. */
export function windowDir(dataDir: string): string {
  return join(dataDir, 'window');
}

/** Call it after `ready` of the app. The server is being started when it returns. */
export function createShell(electron: ElectronApi, options: ShellOptions): Shell {
  const { app } = electron;
  const { surroundings, time } = options;
  const { platform, dataDir } = surroundings;
  const locale = app.getLocale();
  const words = wordsFor(locale);
  const preferences = keepPreferences(join(windowDir(dataDir), 'preferences.json'));
  const loginItem = createLoginItem(app, surroundings);
  const isHiddenStart = loginItem.wasStartedByIt();
  const starter = createStarter(electron, options, { preferences, onMessage });
  let server: Supervisor | null = null;
  let state: HostState | null = null;
  let isQuitting = false;
  let isHurried = false;
  let tray: AppTray | null = null;
  // On macOS the dock leads back to a hidden window.
  const hasTray = (): boolean => tray !== null || platform === 'darwin';

  const address = (): string | null => {
    const phase = server?.phase();
    return phase?.name === 'running' ? `http://127.0.0.1:${phase.port}` : null;
  };
  const browser = createBrowserLink({
    address,
    send: (message) => server?.send(message) === true,
    openExternal: (url) => electron.shell.openExternal(url),
    time,
  });
  const actions: Actions = {
    open: (path) => window.show(path),
    openInBrowser: () => void browser.open(),
    copy: (text) => void electron.clipboard.writeText(text),
    pause: (what, untilMs) => void server?.send({ v, type: 'pause', what, untilMs }),
    resume: (what) => void server?.send({ v, type: 'resume', what }),
    retry: () => server?.retry(),
    restart: () => void server?.restart(drainMs),
    openLogs: () => void electron.shell.openPath(join(dataDir, 'logs')),
    openData: () => void electron.shell.openPath(dataDir),
    quit: () => app.quit(),
  };
  const quitWithTheSystem = (): void => {
    isHurried = true;
    actions.quit();
  };
  const trouble = createTrouble(electron, {
    ...actions,
    words,
    isHiddenStart,
    secrets: starter.secrets,
    isQuitting: () => isQuitting,
    showWindow: () => window.show('/'),
  });
  const window = createMainWindow(electron, {
    preload: options.preload,
    devTools: !app.isPackaged,
    icon: platform === 'linux' ? join(options.iconsDir, 'png', '256x256.png') : null,
    time,
    onClose: () => (isQuitting || !preferences.get().closeToTray ? 'close' : hide()),
    onBroken: () => void trouble.windowBroken(),
    onSessionEnd: quitWithTheSystem,
  });
  const notes = createPairingNotes(electron.Notification, {
    words,
    onReview: () => window.show(),
    onChange: redraw,
    // Without a tray too nobody would learn of it: the window says it on every page.
    onUnseen: () => void (tray === null && window.show()),
  });
  const power = watchPower(electron, {
    onWake: () => void server?.send({ v, type: 'net-changed' }),
    onShutdown: quitWithTheSystem,
  });
  const isSmokeTest = options.onRunning !== undefined;
  if (!isSmokeTest && !isHiddenStart) window.show();
  // Not waited for: nobody's answers depend on a symbol.
  void createTray(electron, {
    iconsDir: options.iconsDir,
    platform,
    hasHost: options.hasTrayHost,
    // Started with the computer it may be there before the desktop's own parts.
    tries: isHiddenStart ? triesAtLogin : 1,
    time,
    context: () => ({ words, actions, locale, nowMs: time.nowMs }),
  }).then((made) => {
    tray = made;
    redraw();
    if (!isSmokeTest && !isQuitting && !hasTray()) window.show();
  });

  function redraw(): void {
    const phase = server?.phase().name ?? 'starting';
    const view: View = {
      server: isQuitting ? 'quitting' : phase,
      state,
      address: address(),
      waitingDevices: notes.waiting(),
    };
    tray?.draw(view);
    const wish = view.server === 'running' ? (state?.keepAwake ?? 'no') : 'no';
    power.keepAwake(wish === 'hours' || (wish === 'serving' && preferences.get().keepAwake));
  }

  function onPhase(phase: Phase): void {
    if (phase.name !== 'running') {
      state = null;
      notes.forgetAll();
    } else {
      window.connect({ origin: `http://127.0.0.1:${phase.port}`, windowToken: starter.windowToken() });
      starter.noteRunning();
      options.onRunning?.();
    }
    redraw();
    if (phase.name !== 'failed') return;
    if (options.onFailed === undefined) void trouble.serverFailed(phase.failure);
    else options.onFailed(phase.failure);
  }

  function onMessage(message: MessageFromServer): void {
    switch (message.type) {
      case 'state':
        ({ state } = message);
        return redraw();
      case 'pairing':
        return notes.asked(message);
      case 'pairing-done':
        return notes.done(message.id);
      case 'ticket':
        return browser.answered(message);
      case 'ready':
      case 'fatal':
      case 'pong':
        return;
    }
  }

  /** The only way in must not be hidden where there is no tray to come back from. */
  function hide(): 'hide' | 'minimise' {
    if (!preferences.get().hasSeenHiding) {
      preferences.set({ hasSeenHiding: true });
      const sentence = platform === 'darwin' ? words.hidingDock : words.hidingTray;
      void tellOfHiding({ dialog: electron.dialog, words }, hasTray() ? sentence : words.hidingMinimised);
    }
    return hasTray() ? 'hide' : 'minimise';
  }

  server = supervise({ start: starter.start, time, onPhase });
  redraw();
  return {
    window,
    words,
    actions,
    preferences: {
      get: preferences.get,
      set: (change) => {
        preferences.set(change);
        redraw();
      },
    },
    loginItem,
    secrets: starter.secrets,
    hasTray,
    setQuitting: () => {
      isQuitting = true;
      redraw();
    },
    stop: async () => server?.stop(isHurried ? hurriedDrainMs : drainMs),
  };
}

type Starter = {
  readonly start: () => Promise<ServerProcess>;
  /** Of the newest start. */
  readonly windowToken: () => string;
  readonly secrets: () => SecretsKept;
  /** It has come up, so it has taken what it was given. */
  readonly noteRunning: () => void;
};

type StarterOptions = {
  readonly preferences: PreferenceKeeper;
  readonly onMessage: (message: MessageFromServer) => void;
};

/** Starts a server with secrets of its own: the window's, and what the keychain keeps. */
function createStarter(
  electron: ElectronApi,
  options: ShellOptions,
  { preferences, onMessage }: StarterOptions,
): Starter {
  const { surroundings, time, readyTimeoutMs } = options;
  const { platform, dataDir } = surroundings;
  const file = join(windowDir(dataDir), 'master-key');
  let secrets: SecretsKept = 'off';
  let windowToken = '';
  return {
    async start() {
      const { useKeychain } = preferences.get();
      const kept = await openSecrets(electron.safeStorage, { platform, file, isWanted: useKeychain });
      secrets = kept.word;
      windowToken = randomBytes(32).toString('base64url');
      const { keychain } = kept;
      return startServer(electron.utilityProcess, {
        entry: options.serverEntry,
        init: { dataDir, windowToken, ...(keychain === undefined ? {} : { keychain }) },
        time,
        onMessage,
        environment: options.serverEnvironment ?? {},
        ...(readyTimeoutMs === undefined ? {} : { readyTimeoutMs }),
      });
    },
    windowToken: () => windowToken,
    secrets: () => secrets,
    noteRunning() {
      // The server has opened its file again: the key has no use any more.
      if (secrets === 'off') forgetMasterKey(file);
    },
  };
}
