import { EventEmitter } from 'node:events';
import type {
  BrowserWindowConstructorOptions,
  MenuItemConstructorOptions,
  NotificationConstructorOptions,
} from 'electron';
import type { MenuHandle, SafeStorageApi, SessionApi, WindowApi } from '../../electron/electron-api.ts';

/** Windows, sessions, trays, notifications and the keychain as the shell meets them. */
export class FakeWindow extends EventEmitter implements WindowApi {
  readonly options: BrowserWindowConstructorOptions;
  readonly loaded: string[] = [];
  /** What the page answers to the shell's own question. */
  answer: unknown = null;
  isShown = false;
  isSmall = false;
  hasFocus = false;
  isGone = false;
  readonly webContents = Object.assign(new EventEmitter(), {
    mainFrame: { url: '' },
    getURL: (): string => this.loaded.at(-1) ?? '',
    executeJavaScript: async (): Promise<unknown> => this.answer,
  });

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }

  async loadURL(url: string): Promise<void> {
    this.#living();
    this.loaded.push(url);
    this.webContents.mainFrame.url = url;
    await Promise.resolve();
    this.emit('ready-to-show');
  }

  /** As a person does it. */
  close(): void {
    this.#living();
    let isPrevented = false;
    this.emit('close', { preventDefault: () => (isPrevented = true) });
    if (isPrevented) return;
    this.isShown = false;
    this.isGone = true;
    this.emit('closed');
  }

  isDestroyed(): boolean {
    return this.isGone;
  }

  isMinimized(): boolean {
    return this.isSmall;
  }

  restore(): void {
    this.#living();
    this.isSmall = false;
  }

  minimize(): void {
    this.#living();
    this.isSmall = true;
  }

  show(): void {
    this.#living();
    this.isShown = true;
  }

  hide(): void {
    this.#living();
    this.isShown = false;
  }

  focus(): void {
    this.#living();
    this.hasFocus = true;
  }

  #living(): void {
    if (this.isGone) throw new TypeError('Object has been destroyed');
  }
}

type PermissionRequest = Parameters<SessionApi['setPermissionRequestHandler']>[0];
type PermissionCheck = Parameters<SessionApi['setPermissionCheckHandler']>[0];
type BeforeSend = (
  details: { readonly url: string; readonly requestHeaders: Record<string, string> },
  proceed: (answer: { readonly requestHeaders?: Record<string, string | string[]> }) => void,
) => void;

export class FakeSession implements SessionApi {
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
      if (filter === null) {
        this.#beforeSend = null;
        return;
      }
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

export type FakeMenu = MenuHandle & { readonly template: readonly MenuItemConstructorOptions[] };

export class FakeTray extends EventEmitter {
  readonly image: string;
  toolTip = '';
  menu: FakeMenu | null = null;

  constructor(image: string) {
    super();
    this.image = image;
  }

  setToolTip(text: string): void {
    this.toolTip = text;
  }

  setContextMenu(menu: MenuHandle): void {
    this.menu = menu as FakeMenu;
  }
}

export class FakeNotification extends EventEmitter {
  readonly options: NotificationConstructorOptions;
  isShown = false;

  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }

  show(): void {
    this.isShown = true;
  }

  close(): void {
    this.isShown = false;
  }
}

/** How the system's keychain behaves. */
export type KeychainKind =
  | 'works'
  /** Linux without one: Electron would encrypt by a password that everybody knows. */
  | 'basic_text'
  | 'locked'
  /** The key has been exchanged: what is decrypted shall be encrypted anew. */
  | 'rotated'
  /** Gives back something else than it was given. */
  | 'broken';

/** Turns a text around, which is enough to tell what is encrypted from what is not. */
export function fakeSafeStorage(isReady: () => boolean, kind: () => KeychainKind): SafeStorageApi {
  const requireReady = (): void => {
    if (!isReady()) throw new Error('safeStorage cannot be used before app is ready');
    if (kind() === 'locked') throw new Error('The keychain is locked.');
  };
  const turned = (text: string): string => Buffer.from(Buffer.from(text).toReversed()).toString('utf8');
  return {
    async isAsyncEncryptionAvailable() {
      if (!isReady()) throw new Error('safeStorage cannot be used before app is ready');
      return kind() !== 'locked';
    },
    async encryptStringAsync(text) {
      requireReady();
      return Buffer.from(`enc:${turned(text)}`);
    },
    async decryptStringAsync(encrypted) {
      requireReady();
      const text = encrypted.toString('utf8');
      if (!text.startsWith('enc:')) throw new Error('Error while decrypting the ciphertext provided');
      const result = kind() === 'broken' ? 'something else' : turned(text.slice(4));
      return { result, shouldReEncrypt: kind() === 'rotated' };
    },
    getSelectedStorageBackend() {
      if (!isReady()) return 'unknown';
      return kind() === 'basic_text' ? 'basic_text' : 'gnome_libsecret';
    },
  };
}
