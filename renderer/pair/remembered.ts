/**
 * What a page that is loaded again may know: no secret, only how far it was, and under which name the device
 * asked. The server knows a waiting device again by that name and its address.
 */

const deviceKey = 'inglenook-device';
const progressKey = 'inglenook-pairing';

/** What is lost by loading the page again. */
export type Progress = 'ticket' | 'code' | 'key';

export function rememberDevice(name: string): void {
  quietly(() => localStorage.setItem(deviceKey, name));
}

export function rememberedDevice(): string | null {
  return quietly(() => localStorage.getItem(deviceKey));
}

export function rememberProgress(progress: Progress): void {
  quietly(() => sessionStorage.setItem(progressKey, progress));
}

/** Null unless this very tab was loaded again. */
export function lostProgress(): Progress | null {
  const [navigation] = performance.getEntriesByType('navigation');
  if (navigation instanceof PerformanceNavigationTiming && navigation.type === 'navigate') return null;
  const progress = quietly(() => sessionStorage.getItem(progressKey));
  return progress === 'ticket' || progress === 'code' || progress === 'key' ? progress : null;
}

/** Storage can be forbidden, most of all in in-app browsers; then nothing is remembered. */
function quietly<T>(use: () => T): T | null {
  try {
    return use();
  } catch {
    return null;
  }
}
