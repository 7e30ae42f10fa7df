import type { ChatOptions, Tool } from '../../../core/generate.ts';

/** A conversation of which nothing special is asked. */
export const plainChat: ChatOptions = {
  responseFormat: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  reasoningEffort: null,
  templateArguments: {},
};

/** The tools that the model is told of and may call. */
export function usableTools({ tools, toolChoice }: ChatOptions): readonly Tool[] {
  if (toolChoice === 'none') return [];
  return typeof toolChoice === 'string' ? tools : tools.filter(({ name }) => name === toolChoice.name);
}

/** Whether the answer must be a call. */
export function mustCall({ toolChoice }: ChatOptions): boolean {
  return toolChoice === 'required' || typeof toolChoice === 'object';
}
