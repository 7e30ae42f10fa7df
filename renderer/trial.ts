import { useSyncExternalStore } from 'react';

/**
 * Changes after which others, or the owner, might not come in any more: they are on trial for a minute, as on network
 * gear, and taken back unless somebody keeps them. A trial lives as long as the browser's page, whichever part of the
 * console is shown; closing the page takes it back at once.
 */
export type Trial = {
  readonly endsAt: string;
  readonly takeBack: () => void;
};

type Way = {
  readonly takeBack: () => void;
  /** For a page that is being closed: nobody waits for the answer. */
  readonly takeBackInParting: () => void;
};

const trialMs = 60_000;

export type TrialName = 'https-only' | 'allow';

type Running = Trial & { readonly timer: ReturnType<typeof setTimeout>; readonly way: Way };
const running = new Map<TrialName, Running>();
const listeners = new Set<() => void>();

/** One more while the first is under way begins the minute anew; the way back stays the first one's, to what was kept. */
export function beginTrial(name: TrialName, given: Way): void {
  const way = running.get(name)?.way ?? given;
  keepTrial(name);
  const end = (): void => {
    keepTrial(name);
    way.takeBack();
  };
  running.set(name, {
    endsAt: new Date(Date.now() + trialMs).toISOString(),
    takeBack: end,
    timer: setTimeout(end, trialMs),
    way,
  });
  addEventListener('pagehide', takeAllBack);
  tell();
}

/** It stays as it is now. */
export function keepTrial(name: TrialName): void {
  const trial = running.get(name);
  if (trial === undefined) return;
  clearTimeout(trial.timer);
  running.delete(name);
  if (running.size === 0) removeEventListener('pagehide', takeAllBack);
  tell();
}

/** The trial that is under way, or null. */
export function useTrial(name: TrialName): Trial | null {
  return useSyncExternalStore(listen, () => running.get(name) ?? null);
}

function takeAllBack(): void {
  for (const [name, { way }] of running) {
    way.takeBackInParting();
    keepTrial(name);
  }
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
