import type { Clock, Timers } from '../../../core/clock.ts';
import type { Machine } from '../../../core/download.ts';
import type { GraphicsFacts } from '../../../core/graphics.ts';
import type { Logger } from '../../../core/logger.ts';
import type { RamState } from './free-memory.ts';
import { serverStopping } from './model-errors.ts';
import { startModelProcess, type ModelProcess } from './model-process.ts';
import type { EngineMachine } from '../protocol.ts';

/** What this computer has for models, for everybody who reckons before a model is loaded. */
export type MachineView = {
  /** The memory as it is now; the GPU as it was a moment ago. */
  readonly read: () => Promise<Machine>;
  /** What was seen on the way to a load; one that was not to use the GPU tells nothing of it. */
  readonly note: (machine: EngineMachine) => void;
  /** Resolves when nothing is being asked any more. */
  readonly settled: () => Promise<void>;
};

export type MachineViewOptions = {
  readonly readRam: () => RamState;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Asks the library, which only a process of the engine may do. Rejects where there is no engine at all. */
  readonly survey: () => Promise<EngineMachine>;
  readonly log: Pick<Logger, 'warn'>;
};

/** Asking starts a process, and who looks at a list of models looks more than once. */
const freshMs = 30_000;
/** macOS does not tell what is free; programs there can usually have about so much of the whole. */
const usualFreeShare = 0.7;

export function createMachineView({ readRam, clock, survey, log }: MachineViewOptions): MachineView {
  let seen: { readonly gpu: EngineMachine['gpu']; readonly atMs: number } | null = null;
  let asking: Promise<void> | null = null;

  function see(gpu: EngineMachine['gpu']): void {
    seen = { gpu, atMs: clock.monotonicMs() };
  }

  async function ask(): Promise<void> {
    try {
      see((await survey()).gpu);
    } catch (error) {
      log.warn('The GPU could not be asked for its memory; models are judged by the computer’s own.', {
        error,
      });
      see(null);
    }
  }

  /** A GPU does not come while the server runs; its memory comes and goes. */
  function isFresh(): boolean {
    return seen !== null && (seen.gpu === null || clock.monotonicMs() - seen.atMs < freshMs);
  }

  return {
    note({ gpu }) {
      if (gpu !== null) see(gpu);
    },
    settled: async () => asking ?? undefined,
    async read() {
      if (!isFresh()) {
        asking ??= ask().finally(() => (asking = null));
        await asking;
      }
      const { freeBytes, totalBytes } = readRam();
      const gpu = seen?.gpu ?? null;
      return {
        freeBytes: freeBytes ?? totalBytes * usualFreeShare,
        totalBytes,
        gpuFreeBytes: gpu?.freeBytes ?? null,
        gpuTotalBytes: gpu?.totalBytes ?? null,
        isGpuShared: gpu?.isShared ?? false,
      };
    },
  };
}

export type ProbeOptions = {
  readonly entry: URL;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Ends it early. */
  readonly signal: AbortSignal;
};

/** Asks the library in a process that loads nothing and ends at once. */
export async function surveyOnce(options: ProbeOptions): Promise<EngineMachine> {
  return await askOnce(options, async (probe) => await probe.survey('auto'));
}

/** Looks at the graphics cards in such a process. */
export async function inspectOnce(options: ProbeOptions): Promise<GraphicsFacts> {
  return await askOnce(options, async (probe) => await probe.inspect());
}

async function askOnce<Answer>(
  { entry, log, clock, timers, signal }: ProbeOptions,
  ask: (probe: ModelProcess) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const nothing = () => {};
  const probe = startModelProcess({
    modelId: '(survey)',
    entry,
    task: 'generate',
    log,
    clock,
    timers,
    onProgress: nothing,
    onActivity: nothing,
    onCrash: serverStopping,
    onExit: nothing,
  });
  const end = (): void => void probe.end(serverStopping());
  signal.addEventListener('abort', end, { once: true });
  try {
    return await ask(probe);
  } finally {
    signal.removeEventListener('abort', end);
    await probe.end(serverStopping());
  }
}
