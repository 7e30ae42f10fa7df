import { createHash } from 'node:crypto';

/** Keeps what was made for the last few different inputs. */
export type Memory<Value> = {
  /** `make` is called where nothing is known for an equal `input`; what it throws is not remembered. */
  readonly recall: (input: unknown, make: () => Value) => Value;
};

/** An agent sends the same tools with every request of a conversation, and their grammar takes milliseconds. */
export function createMemory<Value>(most: number): Memory<Value> {
  const known = new Map<string, { readonly value: Value }>();
  return {
    recall(input, make) {
      const key = keyOf(input);
      if (key === null) return make();
      const entry = known.get(key) ?? { value: make() };
      // The newest last, so that the first is what has not been asked for longest.
      known.delete(key);
      known.set(key, entry);
      const [oldest] = known.keys();
      if (known.size > most && oldest !== undefined) known.delete(oldest);
      return entry.value;
    },
  };
}

/** Null for what is nested too deeply to be written. */
function keyOf(input: unknown): string | null {
  try {
    return createHash('sha256').update(JSON.stringify(input)).digest('base64');
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
