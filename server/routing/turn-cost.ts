import type { GeneratePart, GenerateRequest } from '../core/generate.ts';
import type { Turn } from './fair-queue.ts';

/** A token written keeps the model busy for longer than one that is read (arXiv 2401.00588 §4). */
const costOfAnswer = 2;
/** Before the engine has counted: about right for English and code, and corrected when the answer begins. */
const charactersPerToken = 4;
/** A completion longer than this holds its slot like any other answer … */
const mostShortTokens = 256;
/** … and so does one that has more to read: editors send the lines around the cursor, not the whole of a job. */
const mostShortPrompt = 4_096;

/** Whether somebody types just now and waits for a few words: such a request goes ahead, within a bound. */
export function isShort(request: GenerateRequest): boolean {
  const { raw, maxTokens } = request;
  if (typeof raw?.suffix !== 'string' || maxTokens === null || maxTokens > mostShortTokens) return false;
  return promptCost(request) <= mostShortPrompt;
}

/** What reading the prompt will cost, as far as its length tells; at least 1. */
export function promptCost({ raw, messages }: GenerateRequest): number {
  if (raw !== undefined) {
    const { prompt, suffix } = raw;
    const after = (suffix?.length ?? 0) / charactersPerToken;
    return Math.max(
      1,
      after + (typeof prompt === 'string' ? prompt.length / charactersPerToken : prompt.length),
    );
  }
  let characters = 0;
  for (const { content } of messages) {
    for (const part of content) if (part.type === 'text') characters += part.text.length;
  }
  return Math.max(1, characters / charactersPerToken);
}

/** Charges the turn for what the engine says, as it says it; tokens that a slot still held cost nothing. */
export function createCharge(guessed: number): (part: GeneratePart, turn: Pick<Turn, 'charge'>) => void {
  let written = 0;
  return (part, turn) => {
    switch (part.type) {
      case 'start':
        turn.charge(Math.max(1, part.promptTokens - part.cachedTokens) - guessed);
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-start':
      case 'tool-call-delta':
        written += part.tokens;
        turn.charge(part.tokens * costOfAnswer);
        break;
      case 'finish':
        // What the parts did not tell: an upstream may count only at the end.
        turn.charge((part.usage.completionTokens - written) * costOfAnswer);
        break;
    }
  };
}
