import type { Clock } from '../../../core/clock.ts';
import { noGraphics, type GraphicsFacts } from '../../../core/graphics.ts';
import type { Logger } from '../../../core/logger.ts';

/** The graphics cards, for whoever asks: several who ask at once are told the same. */
export type GraphicsLook = {
  /** Never rejects: where the engine cannot be asked, that is what is told. */
  readonly read: () => Promise<GraphicsFacts>;
  readonly settled: () => Promise<void>;
};

/** Asking starts a process, and a page that shows it looks more than once. */
const freshMs = 5_000;

export function createGraphicsView(options: {
  readonly inspect: () => Promise<GraphicsFacts>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Pick<Logger, 'warn'>;
}): GraphicsLook {
  const { inspect, clock, log } = options;
  let seen: { readonly facts: GraphicsFacts; readonly atMs: number } | null = null;
  let asking: Promise<GraphicsFacts> | null = null;

  async function ask(): Promise<GraphicsFacts> {
    const facts = await inspect().catch((error: unknown) => {
      log.warn('The graphics cards could not be looked at.', { error });
      return noGraphics;
    });
    seen = { facts, atMs: clock.monotonicMs() };
    return facts;
  }

  return {
    async read() {
      if (seen !== null && clock.monotonicMs() - seen.atMs < freshMs) return seen.facts;
      asking ??= ask().finally(() => (asking = null));
      return await asking;
    },
    async settled() {
      await asking;
    },
  };
}
