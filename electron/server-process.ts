import {
  hostProtocolVersion as v,
  hostWillInitArgument,
  messageFromServer,
  type HostInit,
  type MessageFromServer,
  type MessageToServer,
} from '../server/wire/host.ts';
import type { UtilityProcessApi } from './electron-api.ts';
import { listenForHeartbeat, silentAfterMs, type Heartbeat } from './heartbeat.ts';
import type { Time } from './time.ts';

export type ServerProcess = {
  /** Resolves once, with how the start has ended. Never rejects. */
  readonly ready: Promise<Started>;
  /** Why it has ended, whenever that is. Never rejects. */
  readonly exited: Promise<Failure>;
  readonly send: (message: MessageToServer) => void;
  /** Lets running answers end for `drainMs`, then ends the process. Resolves when it is gone. */
  readonly stop: (drainMs: number) => Promise<void>;
};

export type Started =
  | { readonly isReady: true; readonly port: number }
  | ({ readonly isReady: false } & Failure);

/** `code`: the server's own word, or `ended`, `silent` (never ready), `hung` (answered no more). The message is for the person. */
export type Failure = {
  readonly code: string;
  readonly message: string;
  /** Who has the data folder already. */
  readonly running: { readonly pid: number; readonly port: number } | null;
};

export type ServerProcessOptions = {
  /** `dist/server/main.js` */
  readonly entry: string;
  readonly init: Omit<HostInit, 'v' | 'type'>;
  /** What it is told beside this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly time: Time;
  readonly readyTimeoutMs?: number;
  /** All that comes after `ready`. */
  readonly onMessage: (message: MessageFromServer) => void;
};

/** Room for the first start of a new version, which copies and converts a large database on a slow disk; else it takes a second or two. */
const defaultReadyTimeoutMs = 120_000;
/** What the process gets beside the drain itself, for closing its files. */
const exitMarginMs = 1_000;
/** And after the polite end. */
const killAfterMs = 2_000;
/** Of what it says at last, so that a crash of native code leaves a trace. */
const keptCharacters = 2_000;

/**
 * Starts the server as a utility process: its crash costs no window, and it ends with the app. The secrets go in
 * the first message, since arguments and environment can be read by others. Call it after `ready` of the app.
 */
export function startServer(utilityProcess: UtilityProcessApi, options: ServerProcessOptions): ServerProcess {
  const { entry, init, time, readyTimeoutMs = defaultReadyTimeoutMs, onMessage, environment = {} } = options;
  const child = utilityProcess.fork(entry, [hostWillInitArgument], {
    serviceName: 'Inglenook server',
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const send = (message: MessageToServer): void => child.postMessage(message);
  let lastWords = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    lastWords = (lastWords + chunk.toString('utf8')).slice(-keptCharacters);
  });
  // V8 itself gives up (out of memory); unheard it would end this process too. The process ends after it.
  child.on('error', (type, location) => (lastWords = `${type} ${location}`));
  const ready = Promise.withResolvers<Started>();
  const exited = Promise.withResolvers<Failure>();
  let fatal: Failure | null = null;
  let isReady = false;
  let cancelKill = (): void => {};
  /** Asks it to end; whoever hangs so badly that it cannot even hear that is ended by the system. */
  const end = (): void => {
    child.kill();
    cancelKill = time.after(killAfterMs, () => killNow(child.pid));
  };
  const cancelTimeout = time.after(readyTimeoutMs, () => {
    fatal = failure('silent', `The server was not ready after ${readyTimeoutMs / 1000} s.`);
    end();
  });
  let heartbeat: Heartbeat | null = null;
  const watchHeart = (): Heartbeat =>
    listenForHeartbeat({
      time,
      ask: () => send({ v, type: 'ping' }),
      onSilent() {
        fatal = failure('hung', `The server did nothing any more for ${silentAfterMs / 1000} s.`);
        end();
      },
    });
  child.on('message', (raw) => {
    const parsed = messageFromServer.safeParse(raw);
    if (!parsed.success) return;
    const message = parsed.data;
    heartbeat?.beat();
    if (message.type === 'fatal') fatal = { ...message, running: message.running ?? null };
    if (message.type !== 'ready') return onMessage(message);
    isReady = true;
    cancelTimeout();
    heartbeat ??= watchHeart();
    ready.resolve({ isReady, port: message.port });
  });
  child.once('exit', (code) => {
    cancelTimeout();
    cancelKill();
    heartbeat?.stop();
    const when = isReady ? 'unexpectedly' : 'while it was starting';
    const ended = fatal ?? failure('ended', `The server ended ${when} (code ${code}).`, lastLine(lastWords));
    ready.resolve({ isReady: false, ...ended });
    exited.resolve(ended);
  });
  send({ v, type: 'init', ...init });
  return {
    ready: ready.promise,
    exited: exited.promise,
    send,
    async stop(drainMs) {
      // One that is still starting has no answers to wait for, and may not listen yet.
      const waitMs = isReady ? drainMs : 0;
      // The drain has an end of its own.
      heartbeat?.stop();
      send({ v, type: 'drain', ms: waitMs });
      const cancel = time.after(waitMs + exitMarginMs, end);
      await exited.promise;
      cancel();
    },
  };
}

function killNow(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended at this very moment.
  }
}

function failure(code: string, message: string, detail = ''): Failure {
  return { code, message: detail === '' ? message : `${message} ${detail}`, running: null };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
