import type { ModelDescription } from '../../../core/model.ts';
import type { EngineMemory, LoadedInfo } from '../protocol.ts';
import type { LoadNews } from './model-loading.ts';
import type { ModelProcess } from './model-process.ts';

type Loaded = {
  /** Null while it is not loaded. */
  readonly ready: LoadedInfo | null;
  readonly stats: ReturnType<ModelProcess['stats']>;
  readonly taken: EngineMemory | null;
  readonly news: LoadNews;
};

type LoadFacts = Pick<
  ModelDescription,
  | 'contextTokens'
  | 'slots'
  | 'backend'
  | 'threads'
  | 'decodes'
  | 'generatedTokens'
  | 'threadsReason'
  | 'memory'
  | 'attempts'
>;

/** What the owner sees of a model’s load: how it runs, what it takes, and how that was found. */
export function describeLoad({ ready, stats, taken, news }: Loaded): LoadFacts {
  const whenReady = <Value>(value: Value): Value | null => (ready === null ? null : value);
  return {
    contextTokens: ready?.contextTokens ?? null,
    slots: ready?.slots ?? null,
    backend: ready?.backend ?? null,
    threads: whenReady(stats?.threads ?? ready?.threads ?? null),
    decodes: whenReady(stats?.decodes ?? 0),
    generatedTokens: whenReady(stats?.generatedTokens ?? 0),
    threadsReason: whenReady(stats?.threadsReason ?? null),
    memory: {
      estimatedBytes: news.estimatedBytes,
      measuredBytes: taken === null ? null : taken.rssBytes + taken.gpuBytes,
    },
    attempts: news.attempts,
  };
}
