/**
 * Waits. A page that comes to the front again, or a network that is back, ends the wait early: phones stop the
 * timers of pages behind.
 */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
      removeEventListener('online', end);
      resolve();
    };
    const onVisibility = (): void => {
      if (document.visibilityState === 'visible') end();
    };
    const timer = setTimeout(end, durationMs);
    document.addEventListener('visibilitychange', onVisibility);
    addEventListener('online', end);
  });
}
