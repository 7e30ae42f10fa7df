import type { ElectronApi } from './electron-api.ts';
import { askAboutBrokenWindow, askAboutFailure, askAboutRunning } from './questions.ts';
import type { Failure } from './server-process.ts';
import type { SecretsKept } from './shared/channels.ts';
import type { Words } from './words.ts';

/** What is done when it does not go on by itself: the person is asked, and what they choose is done. */
export type Trouble = {
  readonly serverFailed: (failure: Failure) => Promise<void>;
  readonly windowBroken: () => Promise<void>;
};

export type TroubleOptions = {
  readonly words: Words;
  /** Started with the computer: nobody has asked for a window. */
  readonly isHiddenStart: boolean;
  readonly secrets: () => SecretsKept;
  readonly isQuitting: () => boolean;
  readonly retry: () => void;
  readonly openLogs: () => void;
  readonly openInBrowser: () => void;
  readonly showWindow: () => void;
};

export function createTrouble(
  { app, dialog, shell }: Pick<ElectronApi, 'app' | 'dialog' | 'shell'>,
  options: TroubleOptions,
): Trouble {
  const { words, retry } = options;
  const asking = { dialog, words };

  async function serverFailed(failure: Failure): Promise<void> {
    if (failure.code === 'already_running') return otherRuns(failure);
    const choice = await askAboutFailure(asking, inTheApp(failure));
    if (options.isQuitting()) return;
    if (choice === 'retry') return retry();
    if (choice === 'quit') return app.quit();
    options.openLogs();
    await serverFailed(failure);
  }

  /** The server's own words are for who has started it without the app. */
  function inTheApp(failure: Failure): Failure {
    const isSilent = failure.code === 'secret_sealed' && options.secrets() !== 'keychain';
    return isSilent ? { ...failure, message: words.keychainSilent } : failure;
  }

  /** Beside a service, started with the computer: it leaves without a word. */
  async function otherRuns({ running }: Failure): Promise<void> {
    if (options.isHiddenStart) return app.quit();
    const address = running === null ? null : `http://127.0.0.1:${running.port}`;
    const choice = await askAboutRunning(asking, address);
    if (choice === 'retry') return retry();
    if (choice === 'browser' && address !== null) await shell.openExternal(`${address}/console/`);
    app.quit();
  }

  return {
    serverFailed,
    async windowBroken() {
      if (await askAboutBrokenWindow(asking)) options.openInBrowser();
      else options.showWindow();
    },
  };
}
