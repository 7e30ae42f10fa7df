export type StopMatcher = {
  /** Takes the next piece of text; gives what may be shown now and the stop string that has been met, if any. */
  readonly push: (text: string) => { readonly text: string; readonly stop: string | null };
  /** What was held back, once it is known that nothing follows. */
  readonly flush: () => string;
  /** Characters that are held back. */
  readonly held: () => number;
};

/**
 * Finds stop strings in a text that comes in pieces. Only that end of the text is held back that could still become
 * a stop string; the stop string itself is never shown.
 */
export function createStopMatcher(stops: readonly string[]): StopMatcher {
  const wanted = stops.filter((stop) => stop !== '');
  let held = '';
  return {
    push(text) {
      held += text;
      const first = firstStop(held, wanted);
      if (first !== null) {
        const shown = held.slice(0, first.at);
        held = '';
        return { text: shown, stop: first.stop };
      }
      const keep = heldBackLength(held, wanted);
      const shown = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return { text: shown, stop: null };
    },
    flush() {
      const shown = held;
      held = '';
      return shown;
    },
    held: () => held.length,
  };
}

function firstStop(text: string, stops: readonly string[]): { stop: string; at: number } | null {
  const found = stops.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => a.at - b.at)[0] ?? null;
}

/** Length of the longest end of `text` that some stop string begins with. */
function heldBackLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const end = text.slice(text.length - length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
