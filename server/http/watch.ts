import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { ChoicePart, GeneratePart, GenerateRequest, Usage } from '../core/generate.ts';
import type { Reservation } from '../core/policy.ts';
import type { Entry } from '../record/entry.ts';

type WatchOptions = { readonly clock: Clock; /** How many answers are expected. */ readonly choices: number };

const nothing: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };

/** Given each part as it comes; gives what is to be told in its place, nearly always the part itself. */
export type Watch = (choicePart: ChoicePart) => readonly ChoicePart[];

/**
 * Notes in the entry what the parts tell, so that a stream cut short is still counted. When what was put aside of the
 * key's limits is used up and there is no more, every answer ends there with `length`.
 */
export function createWatch(entry: Entry, { clock, choices }: WatchOptions): Watch {
  const usages: (Usage | undefined)[] = [];
  const ended: boolean[] = [];
  let isEstimate = false;
  return function watch(choicePart) {
    const { choice, part } = choicePart;
    const before = usages[choice];
    usages[choice] = usageAfter(before ?? nothing, part);
    const sum = sumUsage(usages);
    if (part.type === 'start') isEstimate ||= part.isEstimate === true;
    // What an engine says at the end is what it has counted: it cannot be undone, only be told.
    if (part.type !== 'finish' && entry.reservation?.use(sum, isEstimate) === false) {
      if (part.type === 'start') throw promptTooLong();
      usages[choice] = before;
      entry.finishReason = 'length';
      return endAll(usages, ended, choices);
    }
    if (part.type === 'finish') {
      ended[choice] = true;
      if (choice === 0) entry.finishReason = part.reason;
    } else if (part.type !== 'start') {
      entry.firstTokenMs ??= clock.monotonicMs() - entry.arrivedMs;
    }
    note(entry, sum);
    entry.trace?.take(choicePart);
    return [choicePart];
  };
}

/** Longer answers have no business in one piece. */
const mostTokens = 1_000_000;

/**
 * Whether what was put aside of the key's limits holds the longest answers these requests allow, beside the longest
 * prompt, so that nobody needs to end them on their way.
 */
export function isPaidFor(reservation: Reservation | null, requests: readonly GenerateRequest[]): boolean {
  let completionTokens = 0;
  for (const { maxTokens } of requests) completionTokens += maxTokens ?? Number.POSITIVE_INFINITY;
  if (completionTokens > mostTokens) return false;
  return reservation === null || reservation.use({ promptTokens: 0, completionTokens }, true);
}

function usageAfter(before: Usage, part: GeneratePart): Usage {
  switch (part.type) {
    case 'start':
      return { ...nothing, promptTokens: part.promptTokens, cachedTokens: part.cachedTokens };
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-start':
    case 'tool-call-delta':
      return { ...before, completionTokens: before.completionTokens + part.tokens };
    case 'finish':
      return part.usage;
  }
}

/** Ends the answers that run, and those that have not begun. */
function endAll(
  usages: readonly (Usage | undefined)[],
  ended: readonly boolean[],
  choices: number,
): readonly ChoicePart[] {
  const ends: ChoicePart[] = [];
  for (let choice = 0; choice < choices; choice++) {
    if (ended[choice] === true) continue;
    ends.push({ choice, part: { type: 'finish', reason: 'length', usage: usages[choice] ?? nothing } });
  }
  return ends;
}

function promptTooLong(): AppError {
  return new AppError(
    'The prompt has more tokens than are left of a budget of this key or its team. Shorten it, or ask the owner of this Inglenook to raise the budget.',
    { status: 429, code: 'insufficient_quota', retryable: false },
  );
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
