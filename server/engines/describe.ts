import { usualModelSettings, type ModelDescription } from '../core/model.ts';

type Known = Pick<ModelDescription, 'id' | 'engine' | 'task' | 'source' | 'path' | 'state'>;

/** A model of another server: what only our own engine knows of its models is left open. */
export function describeElsewhere(known: Known & Partial<ModelDescription>): ModelDescription {
  return {
    sizeBytes: 0,
    modifiedMs: 0,
    progressPercent: null,
    reason: null,
    contextTokens: null,
    slots: null,
    activeSlots: 0,
    backend: null,
    threads: null,
    decodes: null,
    generatedTokens: null,
    threadsReason: null,
    waitingFor: null,
    memory: { estimatedBytes: null, measuredBytes: null },
    attempts: [],
    keepAliveUntilMs: null,
    crashes: 0,
    lastCrash: null,
    settings: usualModelSettings,
    ...known,
  };
}
