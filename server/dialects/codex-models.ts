import type { ModelDescription } from '../core/model.ts';

/**
 * Short on purpose: Codex' own instructions have several thousand tokens, which a small model on a small computer
 * reads for a minute and then does not follow.
 */
const instructions =
  'You are a coding agent in the Codex CLI and work with the user in their folder. ' +
  'Use the tools to read, change and run things there instead of guessing; when you are done, say briefly what you did.';

/** Of an answer of a tool, at most so much is shown to the model again. */
const mostToolTokens = 10_000;

/**
 * The catalogue that Codex reads from `GET /v1/models?client_version=` (openai/codex, `ModelInfo` of
 * codex-rs/protocol/src/openai_models.rs); without it Codex says "Model metadata not found" and guesses.
 */
export function codexModels(models: readonly ModelDescription[]): readonly unknown[] {
  return models.filter(({ task }) => task === 'generate').map(codexModel);
}

function codexModel({ id, contextTokens }: ModelDescription, place: number): unknown {
  return {
    slug: id,
    display_name: id,
    description: null,
    supported_in_api: true,
    visibility: 'list',
    priority: place,
    context_window: contextTokens,
    shell_type: 'shell_command',
    truncation_policy: {
      mode: 'tokens',
      limit: Math.min(mostToolTokens, Math.floor((contextTokens ?? Infinity) / 4)),
    },
    base_instructions: instructions,
    input_modalities: ['text'],
    supported_reasoning_levels: [],
    supports_reasoning_summaries: false,
    support_verbosity: false,
    default_verbosity: null,
    apply_patch_tool_type: null,
    supports_parallel_tool_calls: true,
    experimental_supported_tools: [],
    upgrade: null,
  };
}
