/**
 * How a model family writes what is not plain text. Which family it is, its own chat template tells by the marks it
 * writes; a model whose template knows no tools, or in a form that we do not know, gets the generic form.
 */
export type ToolForm =
  /** `<tool_call>{"name": …, "arguments": …}</tool_call>`: Hermes, Qwen 2.5 and 3. Told in our own words: generic. */
  | 'hermes'
  | 'generic'
  /** `<tool_call><function=…><parameter=…>`: Qwen3-Coder, Qwen 3.5. */
  | 'qwen-xml'
  /** Bare `{"name": …, "parameters": …}`, perhaps behind `<|python_tag|>`: Llama 3. */
  | 'llama'
  /** `[TOOL_CALLS][{"name": …, "arguments": …}]`: Mistral up to 2024. */
  | 'mistral-list'
  /** `[TOOL_CALLS]name[ARGS]{…}`: Mistral since. */
  | 'mistral'
  /** Channels: gpt-oss. */
  | 'harmony'
  /** `<|tool_call>call:name{…}<tool_call|>`: Gemma 4. */
  | 'gemma';

export type ReasoningMarks = { readonly open: string; readonly close: string };

export type ChatForm = {
  readonly tools: ToolForm;
  /** Null for a model that is not known to think. Harmony has channels instead. */
  readonly reasoning: ReasoningMarks | null;
};

const thinkMarks: ReasoningMarks = { open: '<think>', close: '</think>' };
const mistralMarks: ReasoningMarks = { open: '[THINK]', close: '[/THINK]' };
const gemmaMarks: ReasoningMarks = { open: '<|channel>thought', close: '<channel|>' };

/** Told by the marks in the template, as llama.cpp's server does; `null` for a model without a template. */
export function detectChatForm(template: string | null): ChatForm {
  const text = template ?? '';
  return { tools: detectTools(text), reasoning: detectReasoning(text) };
}

function detectTools(text: string): ToolForm {
  const has = (...marks: readonly string[]): boolean => marks.every((mark) => text.includes(mark));
  if (has('<|channel|>', '<|message|>')) return 'harmony';
  // Others that borrow one of these marks: Seed-OSS, MiniMax, GLM.
  if (!has('tools') || /<seed:|minimax|<arg_key>/.test(text)) return 'generic';
  if (has('<|tool_call>', 'call:')) return 'gemma';
  if (has('<function=', '<parameter=')) return 'qwen-xml';
  if (has('<tool_call>', 'arguments')) return 'hermes';
  if (has('[TOOL_CALLS]')) return has('[ARGS]') ? 'mistral' : 'mistral-list';
  if (has('<|start_header_id|>', '"parameters": ', 'ipython')) return 'llama';
  return 'generic';
}

function detectReasoning(text: string): ReasoningMarks | null {
  if (text.includes('<channel|>') && text.includes('<|channel>')) return gemmaMarks;
  if (text.includes('[THINK]') && text.includes('[/THINK]')) return mistralMarks;
  return text.includes('<think>') || text.includes('</think>') ? thinkMarks : null;
}

/** A model may think in this form even when its template does not tell. */
export const usualReasoning = thinkMarks;

/** Forms that allow one call in an answer only. */
export function callsOnlyOne(tools: ToolForm): boolean {
  return tools === 'llama' || tools === 'harmony';
}
