import { rm } from 'node:fs/promises';
import { z } from 'zod';
import type { ElectronApi } from './electron-api.ts';
import { createShell, type Shell, type ShellOptions } from './shell.ts';
import type { Time } from './time.ts';

export const smokeArgument = '--smoke';

/** What the page says of itself: that it has the bridge, and that the window is signed in without a password. */
const look = `(async () => ({
  title: document.title,
  bridge: Object.keys(window.inglenook ?? {}).sort(),
  shellVersion: (await window.inglenook?.info())?.version ?? null,
  signedInVia: (await (await fetch('/api/session')).json()).via,
}))()`;
const seen = z.object({
  title: z.string(),
  bridge: z.array(z.string()),
  shellVersion: z.string().nullable(),
  signedInVia: z.string().nullable(),
});

/**
 * One whole start without a person: the server comes up, the window loads the console and signs in, and the server
 * drains. Prints one line of JSON on stdout and ends with 0 or 1, so that a machine with Electron's program can check
 * everything with one command.
 */
export async function smokeTest(
  electron: ElectronApi,
  options: ShellOptions,
  onShell: (shell: Shell) => void,
): Promise<void> {
  const { app } = electron;
  const { time } = options;
  const startMs = time.monotonicMs();
  const since = (): number => Math.round(time.monotonicMs() - startMs);
  const outcome = Promise.withResolvers<string | null>();
  const shell = createShell(electron, {
    ...options,
    onFailed: ({ code, message }) => outcome.resolve(`${code}: ${message}`),
    onRunning: () => outcome.resolve(null),
  });
  onShell(shell);
  const cancel = time.after(longestMs, () => outcome.resolve(tooLate));
  let error = await outcome.promise;
  const serverReadyMs = since();
  let page: z.infer<typeof seen> | null = null;
  if (error === null) {
    try {
      page = seen.parse(await Promise.race([shell.window.evaluate(look), lateness(time)]));
    } catch (reason) {
      error = `The window did not load: ${String(reason)}`;
    }
  }
  cancel();
  if (page !== null && page.signedInVia !== 'window') error = 'The window is not signed in.';
  if (page?.shellVersion === null) error = 'The preload script has not run.';
  const { versions, platform, arch } = process;
  const report = {
    ok: error === null,
    error,
    version: app.getVersion(),
    electron: versions['electron'] ?? null,
    chrome: versions['chrome'] ?? null,
    node: versions.node,
    platform,
    arch,
    isPackaged: app.isPackaged,
    secrets: shell.secrets(),
    hasTray: shell.hasTray(),
    serverReadyMs,
    windowLoadedMs: page === null ? null : since(),
    ...page,
  };
  shell.setQuitting();
  await shell.stop();
  if (options.isScratch === true) await removeFolder(options.surroundings.dataDir);
  await tell(report);
  app.exit(error === null ? 0 : 1);
}

/** The self-test of an installed app on its own data, while the app runs. */
export async function tellThatItRuns({ app }: ElectronApi): Promise<void> {
  await tell({ ok: false, error: 'already_running: The app runs on this data folder. Quit it first.' });
  app.exit(1);
}

const longestMs = 180_000;
const tooLate = `It took longer than ${longestMs / 1000} s.`;

function lateness(time: Pick<Time, 'after'>): Promise<never> {
  return new Promise((_resolve, reject) => void time.after(longestMs, () => reject(new Error(tooLate))));
}

/** One line; the process may end as soon as it resolves. */
async function tell(report: object): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(`${JSON.stringify(report)}\n`, () => resolve());
  });
}

/** Windows may hold Chromium's files a little longer; then the folder is named, and the outcome is none the worse. */
async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  } catch (error) {
    process.stderr.write(`${folder} could not be removed: ${String(error)}\n`);
  }
}
