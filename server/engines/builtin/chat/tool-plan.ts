import type { ChatOptions } from '../../../core/generate.ts';
import type { ChatForm } from './chat-format.ts';
import { createMemory } from '../grammar/grammar-memory.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { Prompt } from './prompt.ts';
import { thoughtBudget, thoughtClosing } from './reasoning.ts';
import type { AnswerPlan } from '../ticks/job.ts';
import { buildAnswerGrammar, type AnswerGrammar } from './tool-grammar.ts';
import { usableTools } from './tool-options.ts';
import { createAnswerParser } from './tool-parser.ts';

/** Decides how answers are led and read. One per model, since it remembers grammars. */
export type AnswerPlanner = {
  /** Throws an AppError (400) for schemas that cannot be done. `maxTokens` as in the request. */
  readonly plan: (prompt: Prompt, chat: ChatOptions, maxTokens: number | null) => AnswerPlan;
};

export function createAnswerPlanner(
  { tokenizer, contextTokens }: LoadedModel,
  usual: ChatForm,
): AnswerPlanner {
  const memory = createMemory<AnswerGrammar>(32);

  function grammarFor(chat: ChatOptions, form: ChatForm, thought: Prompt['thought']): AnswerGrammar {
    const { responseFormat, tools, toolChoice, parallelToolCalls } = chat;
    return memory.recall([form.tools, thought, responseFormat, tools, toolChoice, parallelToolCalls], () =>
      buildAnswerGrammar(chat, form, { thought }),
    );
  }

  return {
    plan({ tokens, tools, thought }, chat, maxTokens) {
      const form = { ...usual, tools };
      const { whole, afterThought, parameterTypes } = grammarFor(chat, form, thought);
      const parser = createAnswerParser({
        form,
        toolNames: usableTools(chat).map(({ name }) => name),
        parameterTypes,
        isThinking: thought === 'open',
      });
      const room = Math.min(maxTokens ?? Infinity, contextTokens - tokens.length);
      return {
        parser,
        grammar: whole,
        thought: {
          mostTokens: thoughtBudget(chat, room),
          closing: tokenizer.tokenize(thoughtClosing(form, chat), true),
          grammarAfter: afterThought,
        },
      };
    },
  };
}
