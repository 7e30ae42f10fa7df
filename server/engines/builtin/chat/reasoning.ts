import type { ChatOptions, ReasoningEffort } from '../../../core/generate.ts';
import type { ChatForm, ReasoningMarks } from './chat-format.ts';
import { usualReasoning } from './chat-format.ts';
import { mustCall, usableTools } from './tool-options.ts';

/** Tokens of thought; a model that has not been asked for an effort thinks as long as it likes, up to the share below. */
const budgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 256,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 65_536,
};
/** Of the room for the answer, so that something is said in the end. */
const mostShare = 0.75;

/** How many tokens the model may think. `room`: for its whole answer. */
export function thoughtBudget(
  { reasoningEffort, mostReasoningTokens = Infinity }: ChatOptions,
  room: number,
): number {
  const most = Math.min(Math.floor(room * mostShare), mostReasoningTokens);
  return reasoningEffort === null ? most : Math.min(most, budgets[reasoningEffort]);
}

/** What is put into the model's mouth to end its thought. */
export function thoughtClosing(form: ChatForm, options: ChatOptions): string {
  if (form.tools !== 'harmony') return `\n${(form.reasoning ?? usualReasoning).close}\n\n`;
  const canCall = usableTools(options).length > 0;
  const next = '<|end|><|start|>assistant';
  return canCall && (mustCall(options) || options.toolChoice === 'auto')
    ? next
    : `${next}<|channel|>final<|message|>`;
}

/** Template variables by which models are told whether and how much to think; unknown ones do no harm. */
export function thoughtVariables({ reasoningEffort }: ChatOptions): Readonly<Record<string, unknown>> {
  if (reasoningEffort === null) return {};
  const isOff = reasoningEffort === 'none';
  // gpt-oss knows three words.
  const words = {
    none: 'low',
    minimal: 'low',
    low: 'low',
    medium: 'medium',
    high: 'high',
    xhigh: 'high',
  } as const;
  return { enable_thinking: !isOff, thinking: !isOff, reasoning_effort: words[reasoningEffort] };
}

/** Whether the prompt ends within a thought. */
export function endsInThought(prompt: string, marks: ReasoningMarks | null): boolean {
  return marks !== null && prompt.trimEnd().endsWith(marks.open);
}
