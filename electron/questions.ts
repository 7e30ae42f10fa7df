import type { ElectronApi } from './electron-api.ts';
import type { Failure } from './server-process.ts';
import type { Words } from './words.ts';

/** What the person is asked when it does not go on by itself. Each answers with what was chosen. */
type Asking = Pick<ElectronApi, 'dialog'> & { readonly words: Words };

export type FailedChoice = 'retry' | 'logs' | 'quit';

export async function askAboutFailure({ dialog, words }: Asking, failure: Failure): Promise<FailedChoice> {
  const choices = ['retry', 'logs', 'quit'] as const;
  // Five ends in a row are told as such; a server that has said what is wrong has said it all.
  const hasEnded = ['ended', 'silent', 'hung', 'not_started'].includes(failure.code);
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: words.failedTitle,
    message: words.failedTitle,
    detail: [failure.message, ...(hasEnded ? [words.againAndAgain] : []), words.failedDetail].join('\n\n'),
    buttons: [words.retry, words.logs, words.quit],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  return choices[response] ?? 'quit';
}

export type AlreadyChoice = 'browser' | 'retry' | 'quit';

/** Another server, without a window, works on the same data. */
export async function askAboutRunning(
  { dialog, words }: Asking,
  address: string | null,
): Promise<AlreadyChoice> {
  const choices = [...(address === null ? [] : (['browser'] as const)), 'retry', 'quit'] as const;
  const labels = { browser: words.openRunning, retry: words.retry, quit: words.quit };
  const { response } = await dialog.showMessageBox({
    type: 'info',
    title: words.alreadyTitle,
    message: words.alreadyTitle,
    detail: address === null ? words.alreadyUnknown : words.alreadyMessage(address),
    buttons: choices.map((choice) => labels[choice]),
    defaultId: 0,
    cancelId: choices.length - 1,
    noLink: true,
  });
  return choices[response] ?? 'quit';
}

/** True where the person would rather use a browser. */
export async function askAboutBrokenWindow({ dialog, words }: Asking): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: words.brokenTitle,
    message: words.brokenTitle,
    detail: words.brokenMessage,
    buttons: [words.openInBrowser, words.retry],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  return response === 0;
}

/** Said once, when the window is closed for the first time. */
export async function tellOfHiding({ dialog, words }: Asking, sentence: string): Promise<void> {
  await dialog.showMessageBox({
    type: 'info',
    title: words.hidingTitle,
    message: words.hidingTitle,
    detail: sentence,
    buttons: ['OK'],
    noLink: true,
  });
}
