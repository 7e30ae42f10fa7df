import type { AppBridge } from '../electron/shared/channels.ts';

declare global {
  // oxlint-disable-next-line no-var -- how a property of the global object is declared
  var inglenook: AppBridge | undefined;
}

/** What the app's own window can do beyond a browser; null in a browser, where its controls are not shown. */
export function appBridge(): AppBridge | null {
  return globalThis.inglenook ?? null;
}
