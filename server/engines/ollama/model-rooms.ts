import { raced } from '../raced.ts';

/**
 * How many models Ollama keeps in memory at once. One more waits here until nobody uses one of the others, instead of in
 * Ollama's own line, where nobody sees it and where it would wait for ever while the others are kept busy.
 */
export type ModelRooms = {
  /** Whether the model is in use already, or there is room beside those that are. */
  readonly hasRoom: (modelId: string) => boolean;
  /** As `use`, as soon as there is room; rejects with the signal's reason. */
  readonly enter: (modelId: string, signal: AbortSignal) => Promise<() => void>;
  readonly isWaiting: (modelId: string) => boolean;
  /** Somebody begins to load or to use it; the returned function ends that. Call it once. */
  readonly use: (modelId: string) => () => void;
};

export function createModelRooms(most: () => number, onChange: () => void): ModelRooms {
  const users = new Map<string, number>();
  const waiting = new Map<string, number>();
  let freed = Promise.withResolvers<void>();

  const hasRoom = (modelId: string): boolean => users.has(modelId) || users.size < Math.max(1, most());

  function add(counts: Map<string, number>, modelId: string, change: 1 | -1): void {
    const count = (counts.get(modelId) ?? 0) + change;
    if (count === 0) counts.delete(modelId);
    else counts.set(modelId, count);
  }

  function use(modelId: string): () => void {
    add(users, modelId, 1);
    return () => {
      add(users, modelId, -1);
      if (users.has(modelId)) return;
      freed.resolve();
      freed = Promise.withResolvers();
    };
  }

  return {
    hasRoom,
    async enter(modelId, signal) {
      if (hasRoom(modelId)) return use(modelId);
      add(waiting, modelId, 1);
      onChange();
      try {
        while (!hasRoom(modelId)) {
          signal.throwIfAborted();
          await raced(freed.promise, signal);
        }
        return use(modelId);
      } finally {
        add(waiting, modelId, -1);
        onChange();
      }
    },
    isWaiting: (modelId) => waiting.has(modelId),
    use,
  };
}
