import type { Clock } from '../core/clock.ts';
import type { ChoicePart, Usage } from '../core/generate.ts';
import type { Entry } from '../record/entry.ts';

/** Passes the parts on and notes in the entry what they tell, so that a stream cut short is still counted. */
export async function* watch(
  parts: AsyncIterable<ChoicePart>,
  entry: Entry,
  clock: Clock,
): AsyncGenerator<ChoicePart> {
  const usages: Usage[] = [];
  for await (const choicePart of parts) {
    const { choice, part } = choicePart;
    const usage = usages[choice] ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
    switch (part.type) {
      case 'start':
        usages[choice] = { ...part, completionTokens: 0 };
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-start':
      case 'tool-call-delta':
        entry.firstTokenMs ??= clock.monotonicMs() - entry.arrivedMs;
        usages[choice] = { ...usage, completionTokens: usage.completionTokens + part.tokens };
        break;
      case 'finish':
        usages[choice] = part.usage;
        if (choice === 0) entry.finishReason = part.reason;
        break;
    }
    note(entry, sumUsage(usages));
    yield choicePart;
  }
}

function note(entry: Entry, { promptTokens, cachedTokens, completionTokens }: Usage): void {
  entry.promptTokens = promptTokens;
  entry.cachedTokens = cachedTokens;
  entry.completionTokens = completionTokens;
}

/** The usage of several answers together. */
export function sumUsage(usages: readonly (Usage | undefined)[]): Usage {
  const sum = { promptTokens: 0, cachedTokens: 0, completionTokens: 0, reasoningTokens: 0 };
  for (const usage of usages) {
    // An answer that has not begun yet leaves a gap.
    sum.promptTokens += usage?.promptTokens ?? 0;
    sum.cachedTokens += usage?.cachedTokens ?? 0;
    sum.completionTokens += usage?.completionTokens ?? 0;
    sum.reasoningTokens += usage?.reasoningTokens ?? 0;
  }
  return sum;
}
