import type { MeState } from '../../server/wire/me.ts';
import { pause } from '../pair/pause.ts';
import { askState, type Refusal } from './server.ts';

const usualMs = 10_000;
/** While an answer is awaited, which may have to wait for its turn, and once after it: sums are up to two seconds old. */
const busyMs = 2_500;
const unreachableMs = 5_000;
/** Nobody looks: asked again the moment somebody does. */
const hiddenMs = 30 * 60_000;

type Watcher = {
  readonly onState: (state: MeState) => void;
  /** The numbers of before stay true of before. */
  readonly onTrouble: (refusal: Exclude<Refusal, { readonly kind: 'refused' }>) => void;
  /** Nothing more is asked. */
  readonly onRefused: (refusal: Extract<Refusal, { readonly kind: 'refused' }>) => void;
  readonly isBusy: () => boolean;
};

/** Asks how things stand, again and again, until it is refused or stopped. */
export function watchState(
  key: string,
  watcher: Watcher,
): { readonly stop: () => void; readonly now: () => void } {
  let turn = 0;
  let isSoonAgain = false;

  async function watch(): Promise<void> {
    const mine = ++turn;
    for (;;) {
      const answer = await askState(key);
      if (mine !== turn) return;
      const nextMs = take(answer);
      if (nextMs === null) return;
      await pause(document.visibilityState === 'hidden' ? hiddenMs : nextMs);
      if (mine !== turn) return;
    }
  }
  function take(answer: Awaited<ReturnType<typeof askState>>): number | null {
    switch (answer.kind) {
      case 'ok':
        watcher.onState(answer.body);
        if (!watcher.isBusy() && !isSoonAgain) return usualMs;
        isSoonAgain = false;
        return busyMs;
      case 'unreachable':
        watcher.onTrouble(answer);
        return unreachableMs;
      case 'later':
        watcher.onTrouble(answer);
        return answer.waitMs;
      case 'refused':
        watcher.onRefused(answer);
        return null;
    }
  }
  void watch();
  return {
    stop: () => void (turn += 1),
    now() {
      isSoonAgain = true;
      void watch();
    },
  };
}
