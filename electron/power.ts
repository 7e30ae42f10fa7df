import type { ElectronApi } from './electron-api.ts';

export type Power = {
  /** Keeps the computer from falling asleep by itself, or lets it. */
  readonly keepAwake: (isWanted: boolean) => void;
};

export type PowerEvents = {
  /** The computer has slept: addresses may be others, and the network has forgotten our name. */
  readonly onWake: () => void;
  /** The system is being shut down (Linux, macOS; Windows tells the window). */
  readonly onShutdown: () => void;
};

/** Call it after `ready` of the app. */
export function watchPower(
  { powerMonitor, powerSaveBlocker }: Pick<ElectronApi, 'powerMonitor' | 'powerSaveBlocker'>,
  { onWake, onShutdown }: PowerEvents,
): Power {
  let blocker: number | null = null;
  powerMonitor.on('resume', onWake);
  powerMonitor.on('shutdown', (event) => {
    // The system waits for us (Linux: 5 s), instead of ending us in the middle.
    event?.preventDefault();
    onShutdown();
  });
  return {
    keepAwake(isWanted) {
      if (isWanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
      if (isWanted || blocker === null) return;
      powerSaveBlocker.stop(blocker);
      blocker = null;
    },
  };
}
