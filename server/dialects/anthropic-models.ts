import type { ModelDescription } from '../core/model.ts';
import { openAiModel } from './openai-models.ts';

/** One model for clients of Anthropic (@anthropic-ai/sdk 1.12, `ModelInfo`); OpenAI's fields stay beside. */
export function anthropicModel(model: ModelDescription): Readonly<Record<string, unknown>> {
  return {
    ...openAiModel(model),
    type: 'model',
    display_name: model.id,
    created_at: new Date(model.modifiedMs).toISOString(),
    max_input_tokens: model.contextTokens,
    max_tokens: model.contextTokens,
    // A list of the vendor's own features here, not OpenAI's extra.
    capabilities: null,
    lifecycle: 'active',
    line: null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** All on one page. */
export function anthropicModelList(models: readonly ModelDescription[]): Readonly<Record<string, unknown>> {
  return {
    object: 'list',
    data: models.map(anthropicModel),
    has_more: false,
    first_id: models.at(0)?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}
