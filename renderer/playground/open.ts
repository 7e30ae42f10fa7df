import { useSyncExternalStore } from 'react';
import { askModel } from '../api-playground.ts';
import { onForget, tabStorage } from './forget.ts';
import { createPlayground } from './playground.ts';
import type { PlaygroundState } from './talk.ts';

/** This tab's playground: it lives as long as the browser's page, whichever part of the console is shown. */
export const playground = createPlayground({
  askModel,
  nowMs: () => performance.now(),
  newId: () => `${Date.now()}-${Math.random().toString(36).slice(2)}`,
  storage: tabStorage(),
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
});

onForget(playground.clear);
addEventListener('pagehide', playground.keepNow);

export function usePlayground(): PlaygroundState {
  return useSyncExternalStore(playground.subscribe, playground.state);
}
