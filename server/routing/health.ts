import type { Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';

type HealthServices = {
  /** As they are now: upstreams come and go. */
  readonly engines: () => readonly Engine[];
  readonly timers: Timers;
  /** Told after every probe. */
  readonly onResult: (engineId: string, isReachable: boolean) => void;
};

const everyMs = 15_000;
/** An engine that takes longer to say that it is there is as good as away. */
const longestProbeMs = 2_000;

/**
 * Asks all engines that can be asked whether they are there, in parallel: one that hangs holds up nobody. The returned
 * function ends it.
 */
export function keepProbed({ engines, timers, onResult }: HealthServices): () => void {
  const running = new Map<string, AbortController>();
  let hasEnded = false;

  async function probe(engine: Engine): Promise<void> {
    if (engine.probe === undefined || running.has(engine.id)) return;
    const abort = new AbortController();
    running.set(engine.id, abort);
    const cancel = timers.after(longestProbeMs, () => abort.abort(tooSlow()));
    try {
      await Promise.race([engine.probe(abort.signal), rejection(abort.signal)]);
      if (!hasEnded) onResult(engine.id, true);
    } catch {
      if (!hasEnded) onResult(engine.id, false);
    } finally {
      cancel();
      running.delete(engine.id);
    }
  }
  const look = (): void => {
    for (const engine of engines()) void probe(engine);
  };
  look();
  const stop = timers.every(everyMs, look);
  return () => {
    hasEnded = true;
    stop();
    for (const abort of running.values()) abort.abort(tooSlow());
  };
}

/** Also for an engine that does not look at its signal. */
async function rejection(signal: AbortSignal): Promise<never> {
  return await new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

function tooSlow(): AppError {
  return new AppError('The engine did not answer in time.', {
    status: 504,
    code: 'engine_timeout',
    source: 'engine',
  });
}
