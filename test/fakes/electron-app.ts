import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { RelaunchOptions, Settings } from 'electron';
import type { AppApi, ServerChild } from '../../electron/electron-api.ts';
import { messageToServer, type MessageFromServer, type MessageToServer } from '../../server/wire/host.ts';

/** Electron's `app`, and its utility process as far as the shell meets it. */
export class FakeApp extends EventEmitter implements AppApi {
  readonly isPackaged: boolean;
  readonly isFirstInstance: boolean;
  readonly locale: string;
  isReady = false;
  isSandboxed = false;
  drawsInSoftware = false;
  name = 'Electron';
  userModelId = '';
  readonly paths = new Map<string, string>();
  readonly protocols: string[] = [];
  readonly relaunches: RelaunchOptions[] = [];
  loginItem: Settings = { openAtLogin: false };
  wasOpenedAtLogin = false;
  /** How the app has ended; null while it runs. */
  exitCode: number | null = null;
  readonly ended = Promise.withResolvers<number>();

  constructor({ isFirstInstance, isPackaged, locale }: FakeAppOptions) {
    super();
    this.isFirstInstance = isFirstInstance;
    this.isPackaged = isPackaged;
    this.locale = locale;
  }

  requestSingleInstanceLock(): boolean {
    return this.isFirstInstance;
  }

  enableSandbox(): void {
    this.#beforeReady('enableSandbox');
    this.isSandboxed = true;
  }

  disableHardwareAcceleration(): void {
    this.#beforeReady('disableHardwareAcceleration');
    this.drawsInSoftware = true;
  }

  #beforeReady(name: string): void {
    if (this.isReady) throw new Error(`app.${name}() can only be called before app is ready`);
  }

  async whenReady(): Promise<void> {
    await Promise.resolve();
    this.isReady = true;
  }

  setName(name: string): void {
    this.name = name;
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist`);
    if (this.isReady && name === 'userData') throw new Error('too late: its files are open already');
    this.paths.set(name, path);
  }

  setAppLogsPath(path = ''): void {
    this.paths.set('logs', path);
  }

  setAppUserModelId(id: string): void {
    this.userModelId = id;
  }

  setAsDefaultProtocolClient(protocol: string): boolean {
    this.protocols.push(protocol);
    return true;
  }

  getVersion(): string {
    return '0.1.0';
  }

  getLocale(): string {
    // Electron knows it only then.
    return this.isReady ? this.locale : '';
  }

  getLoginItemSettings(options?: { readonly args?: readonly string[] }) {
    // Windows finds an entry by its arguments.
    const isSame = JSON.stringify(options?.args) === JSON.stringify(this.loginItem.args);
    return {
      openAtLogin: this.loginItem.openAtLogin === true && isSame,
      wasOpenedAtLogin: this.wasOpenedAtLogin,
      status: 'enabled' as const,
      executableWillLaunchAtLogin: false,
      launchItems: [],
    };
  }

  setLoginItemSettings(settings: Settings): void {
    this.loginItem = settings;
  }

  relaunch(options: RelaunchOptions = {}): void {
    this.relaunches.push(options);
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

export type FakeAppOptions = {
  readonly isFirstInstance: boolean;
  readonly isPackaged: boolean;
  readonly locale: string;
};

/** What the server does when told something. */
export type ChildBehaviour = (message: MessageToServer, child: FakeChild) => void;

export class FakeChild extends EventEmitter implements ServerChild {
  readonly pid = undefined;
  readonly stderr = new PassThrough();
  readonly modulePath: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly told: MessageToServer[] = [];
  isKilled = false;
  #hasEnded = false;
  readonly #behaviour: ChildBehaviour;

  constructor(
    start: { modulePath: string; args: readonly string[]; environment: Readonly<Record<string, string>> },
    behaviour: ChildBehaviour,
  ) {
    super();
    ({ modulePath: this.modulePath, args: this.args, environment: this.environment } = start);
    this.#behaviour = behaviour;
  }

  /** Delivered later, as between real processes; nobody is there after the end. */
  postMessage(raw: unknown): void {
    const message = messageToServer.parse(structuredClone(raw));
    if (this.#hasEnded) return;
    this.told.push(message);
    queueMicrotask(() => this.#behaviour(message, this));
  }

  kill(): boolean {
    this.isKilled = true;
    queueMicrotask(() => this.end(15));
    return true;
  }

  isEnded(): boolean {
    return this.#hasEnded;
  }

  say(message: MessageFromServer): void {
    this.emit('message', structuredClone(message));
  }

  end(code: number): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.emit('exit', code);
  }
}
