import type { Clock } from '../core/clock.ts';
import type { GeneratePart } from '../core/generate.ts';
import type { Entry } from '../record/entry.ts';

/** Passes the parts on and notes in the entry what they tell, so that a stream cut short is still counted. */
export async function* watch(
  parts: AsyncIterable<GeneratePart>,
  entry: Entry,
  clock: Clock,
): AsyncGenerator<GeneratePart> {
  for await (const part of parts) {
    switch (part.type) {
      case 'start':
        entry.promptTokens = part.promptTokens;
        entry.cachedTokens = part.cachedTokens;
        break;
      case 'text-delta':
        entry.firstTokenMs ??= clock.monotonicMs() - entry.arrivedMs;
        entry.completionTokens += part.tokens;
        break;
      case 'finish':
        entry.promptTokens = part.usage.promptTokens;
        entry.cachedTokens = part.usage.cachedTokens;
        entry.completionTokens = part.usage.completionTokens;
        entry.finishReason = part.reason;
        break;
    }
    yield part;
  }
}
