/** Where the tab keeps the conversation of the playground. */
export const storageKey = 'inglenook-playground';

let forgetMore: (() => void) | null = null;

/** The playground itself, once its program has come: what it has in memory goes too. */
export function onForget(work: () => void): void {
  forgetMore = work;
}

/** The owner leaves: whoever comes after finds nothing of what was asked. */
export function forgetConversation(): void {
  forgetMore?.();
  try {
    tabStorage()?.removeItem(storageKey);
  } catch {
    // Where storage is forbidden nothing was kept.
  }
}

/** Null where the browser forbids it; even to ask may throw. */
export function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
