import {
  hostProtocolVersion as v,
  hostWillInitArgument,
  messageFromServer,
  type MessageToServer,
} from '../server/wire/host.ts';
import type { UtilityProcessApi } from './electron-api.ts';

export type ServerProcess = {
  /** The port once requests are accepted; rejects, in a sentence for the person, when that does not come to pass. */
  readonly ready: Promise<number>;
  /** Exit code, whenever and why ever the process ends. */
  readonly exited: Promise<number>;
  /** Lets running answers end for `drainMs`, then ends the process. Resolves when it is gone. */
  readonly stop: (drainMs: number) => Promise<void>;
};

export type ServerProcessOptions = {
  /** `dist/server/main.js` */
  readonly entry: string;
  readonly windowToken: string;
  readonly dataDir?: string;
  readonly readyTimeoutMs?: number;
};

/** Room for the first start on a slow disk; a healthy one takes a second or two. */
const defaultReadyTimeoutMs = 30_000;
/** What the process gets beside the drain itself, for closing its files. */
const exitMarginMs = 1_000;

/**
 * Starts the server as a utility process: its crash costs no window, and it ends with the app. The secret goes in
 * the first message, since arguments and environment can be read by others. Call it after `ready`.
 */
export function startServer(utilityProcess: UtilityProcessApi, options: ServerProcessOptions): ServerProcess {
  const { entry, windowToken, dataDir, readyTimeoutMs = defaultReadyTimeoutMs } = options;
  const child = utilityProcess.fork(entry, [hostWillInitArgument], {
    serviceName: 'Inglenook server',
    stdio: 'inherit',
  });
  const send = (message: MessageToServer): void => child.postMessage(message);
  const exited = new Promise<number>((resolve) => {
    child.once('exit', resolve);
  });
  const ready = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`The server was not ready after ${readyTimeoutMs / 1000} s. Its log may say why.`));
      child.kill();
    }, readyTimeoutMs);
    child.on('message', (raw) => {
      const message = messageFromServer.safeParse(raw).data;
      if (message?.type === 'ready') resolve(message.port);
      if (message?.type === 'fatal') reject(new Error(message.message));
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended while it was starting (code ${code}). Its log may say why.`));
    });
    const settle = (): void => clearTimeout(timer);
    void Promise.resolve().then(() => ready.then(settle, settle));
  });
  send({ v, type: 'init', windowToken, ...(dataDir === undefined ? {} : { dataDir }) });
  return {
    ready,
    exited,
    async stop(drainMs) {
      send({ v, type: 'drain', ms: drainMs });
      const timer = setTimeout(() => child.kill(), drainMs + exitMarginMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
