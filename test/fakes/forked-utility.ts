import { fork } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { UtilityProcessApi } from '../../electron/electron-api.ts';

/** Electron's utility process, played by a real process of Node's; killed when the test ends. */
export const forkedUtility: UtilityProcessApi = {
  fork(modulePath, args, { env }) {
    const child = fork(modulePath, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: env as NodeJS.ProcessEnv,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    // Nobody is there any more: as in Electron, where a message to a process that has ended is lost.
    child.on('error', () => undefined);
    return {
      get pid() {
        return child.pid;
      },
      stderr: child.stderr,
      postMessage: (message: unknown) => void (child.connected && child.send(message as object)),
      kill: () => child.kill('SIGTERM'),
      // V8's own fatal errors are Electron's to tell.
      on: (event: string, listener: (...args: never[]) => void) =>
        event === 'message' ? child.on('message', listener as (message: unknown) => void) : child,
      once: (_event, listener) =>
        child.once('exit', (code, signal) => listener(code ?? (signal === null ? 1 : 128))),
    };
  },
};
