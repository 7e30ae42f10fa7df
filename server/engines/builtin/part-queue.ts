import type { GeneratePart } from '../../core/generate.ts';

/** Between the engine's messages and the one reader of a request. */
export type PartQueue = {
  readonly push: (part: GeneratePart) => void;
  /** Ends the queue: what is in it is read first, then the error is thrown. */
  readonly fail: (error: unknown) => void;
  /** Ends the queue at once, dropping what is in it. */
  readonly abort: (reason: unknown) => void;
  /** One reader at a time. */
  readonly next: () => Promise<GeneratePart>;
};

/** Text that nobody has read yet is joined, so a slow reader costs one string and not a list of thousands. */
export function createPartQueue(): PartQueue {
  let parts: GeneratePart[] = [];
  let failure: { readonly error: unknown } | null = null;
  let wake = Promise.withResolvers<void>();

  function end(error: unknown): void {
    failure ??= { error };
    wake.resolve();
  }

  return {
    push(part) {
      const last = parts.at(-1);
      if (part.type === 'text-delta' && last?.type === 'text-delta') {
        parts[parts.length - 1] = { ...last, text: last.text + part.text, tokens: last.tokens + part.tokens };
      } else {
        parts.push(part);
      }
      wake.resolve();
    },
    fail: end,
    abort(reason) {
      parts = [];
      end(reason);
    },
    async next() {
      for (;;) {
        const part = parts.shift();
        if (part !== undefined) return part;
        if (failure !== null) throw failure.error;
        await wake.promise;
        wake = Promise.withResolvers();
      }
    },
  };
}
