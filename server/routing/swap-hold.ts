import type { Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';

/**
 * Requests in turn for models that do not fit into the memory together would make them swap back and forth. An engine
 * never evicts a busy model, so while requests for the loaded one keep coming they are answered one after the other, and
 * the other model waits (llama-swap #612: of A B A A C, the A's first). This bounds its wait: after half a minute the
 * queues of the engine's other models are held, these run dry, the model is loaded, and as soon as it answers the others
 * go on.
 */
export type SwapHold = {
  /** Called before a model is made ready; null where it is loaded already, the usual case. */
  readonly enter: (engine: Engine, modelId: string) => Swap | null;
};

/** One request's part in a load. */
export type Swap = {
  /** The model answers: nothing is held for it any more. */
  readonly begun: () => void;
  /** The request has ended, however. Called once. */
  readonly left: () => void;
};

type Load = { users: number; readonly end: () => void };

/** How long those who ask for a loaded model go ahead of who waits for another. */
export const longestWaitForSwapMs = 30_000;

export function createSwapHold(services: {
  readonly timers: Timers;
  /** Holds the queues of all other models of the engine; the returned function lets them go on. */
  readonly holdOthers: (engineId: string, modelId: string) => () => void;
}): SwapHold {
  const loads = new Map<string, Load>();
  /** One hold for an engine at a time: of two, each would keep the other's model idle, and it would be evicted unused. */
  const held = new Set<string>();

  function begin(name: string, engine: Engine, modelId: string): Load {
    let release: (() => void) | null = null;
    const stop = services.timers.every(longestWaitForSwapMs, () => {
      if (held.has(engine.id) || !waitsForMemory(engine, modelId)) return;
      held.add(engine.id);
      release = services.holdOthers(engine.id, modelId);
    });
    const load: Load = {
      users: 0,
      end() {
        if (loads.get(name) === load) loads.delete(name);
        stop();
        if (release === null) return;
        held.delete(engine.id);
        release();
        release = null;
      },
    };
    loads.set(name, load);
    return load;
  }

  return {
    enter(engine, modelId) {
      const state = engine.models().find(({ id }) => id === modelId)?.state;
      if (state === 'ready' || state === 'busy') return null;
      const name = `${engine.id}/${modelId}`;
      const load = loads.get(name) ?? begin(name, engine, modelId);
      load.users += 1;
      return {
        begun: load.end,
        left() {
          load.users -= 1;
          if (load.users === 0) load.end();
        },
      };
    },
  };
}

function waitsForMemory(engine: Engine, modelId: string): boolean {
  return engine.models().some(({ id, waitingFor }) => id === modelId && waitingFor === 'memory');
}
