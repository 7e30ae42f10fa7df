import type { LoadedModel, TokenStream } from '../loaded-model.ts';
import type { JobText } from '../protocol.ts';
import type { OutputPiece } from '../chat/tool-scanner.ts';
import { turnEndOf } from '../chat/turn-end.ts';
import type { Job } from './job.ts';
import { createTextOutput, type Shown, type TextOutput } from './text-output.ts';
import { createTokenLogprobs, type TokenLogprobs } from './token-logprobs.ts';

/** A job that has a slot, and how far it has come. */
export type Work = {
  readonly job: Job;
  readonly output: TextOutput;
  readonly logprobs: TokenLogprobs | null;
  readonly order: number;
  readonly mostTokens: number;
  readonly onText: (text: JobText) => void;
  /** Position in the prompt up to which it has been read. */
  read: number;
  /** Where in the prompt a checkpoint is still to be taken. */
  checkpointAt: number | null;
  stream: TokenStream | null;
  /** To go on from, in place of the token that was chosen last. */
  forced: readonly number[] | null;
  isThoughtEnded: boolean;
  generated: number;
  /** Tokens whose text is still held back. */
  untold: number;
  isCancelled: boolean;
};

export type WorkStart = {
  readonly model: Pick<LoadedModel, 'tokenizer' | 'contextTokens' | 'checkpoints'>;
  /** Of the prompt's tokens, how many the slot still holds. */
  readonly cached: number;
  readonly order: number;
  readonly onText: (text: JobText) => void;
};

/** How an answer has ended; `stopSequence` where a stop string did it. */
export type Ending = { readonly reason: 'stop' | 'length'; readonly stopSequence?: string };

export function beginWork(job: Job, { model, cached, order, onText }: WorkStart): Work {
  const { detokenize } = model.tokenizer;
  return {
    job,
    output: createTextOutput(detokenize, job.stop, job.answer?.parser),
    logprobs: job.logprobs === null ? null : createTokenLogprobs(detokenize, job.logprobs),
    order,
    // Never the library's silent shift of the context: a full one ends the answer.
    mostTokens: Math.min(job.maxTokens ?? Infinity, model.contextTokens - job.prompt.length),
    onText,
    read: cached,
    checkpointAt: checkpointOf(job, model.checkpoints, cached),
    stream: null,
    forced: null,
    isThoughtEnded: false,
    generated: 0,
    untold: 0,
    isCancelled: false,
  };
}

function checkpointOf({ prompt }: Job, checkpoints: LoadedModel['checkpoints'], cached: number) {
  if (checkpoints === null) return null;
  const place = turnEndOf(prompt, checkpoints.isTurnEnd);
  return place > cached ? place : null;
}

/** Tokens up to the next stop on the way through the prompt. */
export function remainingOf({ job, read, checkpointAt }: Work): number {
  return (checkpointAt ?? job.prompt.length) - read;
}

/** The next token of the answer, null for its end. Tells its text; gives how the answer has ended, null if it goes on. */
export function takeToken(work: Work, token: number | null): Ending | null {
  if (token === null) {
    tell(work, work.output.flush());
    return { reason: 'stop' };
  }
  const stopSequence = addToken(work, token);
  if (stopSequence !== null) return { reason: 'stop', stopSequence };
  endLongThought(work, token);
  if (work.generated < work.mostTokens) return null;
  tell(work, work.output.flush());
  return { reason: 'length' };
}

/** The stop string that has been met, if any. */
function addToken(work: Work, token: number): string | null {
  work.logprobs?.push(token, work.stream?.likelihoods() ?? []);
  work.generated += 1;
  work.untold += 1;
  const shown = work.output.push(token);
  tell(work, shown);
  return shown.stop;
}

/** As if the model had ended it: the closing tokens are read with the next tick, and count as the answer's. */
function endLongThought(work: Work, token: number): void {
  const { thought = null, grammar = null } = work.job.answer ?? {};
  const { tokens, isOpen } = work.output.thought();
  if (thought === null || work.isThoughtEnded || !isOpen || tokens < thought.mostTokens) return;
  work.isThoughtEnded = true;
  work.forced = [token, ...thought.closing];
  for (const closing of thought.closing) addToken(work, closing);
  if (grammar !== null) work.stream?.useGrammar(thought.grammarAfter);
}

/** Log-probabilities are told with the text for the reader; those of thoughts, calls and marks are not told. */
function tell(work: Work, { pieces, consumed }: Shown): void {
  const logprobs = work.logprobs?.take(consumed) ?? [];
  const isSilent = pieces.length === 0 && logprobs.length > 0 && !work.output.thought().isOpen;
  const shown: readonly OutputPiece[] = isSilent ? [{ type: 'text-delta', text: '' }] : pieces;
  const bearer = logprobs.length === 0 ? undefined : shown.find((piece) => piece.type === 'text-delta');
  for (const piece of shown) {
    const told = piece === bearer ? { logprobs } : {};
    work.onText({ id: work.job.id, piece, tokens: work.untold, ...told });
    work.untold = 0;
  }
}
