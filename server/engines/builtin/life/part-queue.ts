import type { GeneratePart } from '../../../core/generate.ts';

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
      const joined = last === undefined ? null : join(last, part);
      if (joined === null) parts.push(part);
      else parts[parts.length - 1] = joined;
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

/** Two deltas of the same thing as one; null if they are not. */
function join(last: GeneratePart, part: GeneratePart): GeneratePart | null {
  if (part.type === 'text-delta' && last.type === 'text-delta') {
    const logprobs = [...(last.logprobs ?? []), ...(part.logprobs ?? [])];
    const told = logprobs.length === 0 ? {} : { logprobs };
    return { type: 'text-delta', text: last.text + part.text, tokens: last.tokens + part.tokens, ...told };
  }
  if (part.type === 'reasoning-delta' && last.type === 'reasoning-delta') {
    return { ...last, text: last.text + part.text, tokens: last.tokens + part.tokens };
  }
  if (part.type === 'tool-call-delta' && last.type === 'tool-call-delta' && part.index === last.index) {
    return { ...last, arguments: last.arguments + part.arguments, tokens: last.tokens + part.tokens };
  }
  return null;
}
