import type { ModelDescription } from '../core/model.ts';

/** One model in the shape of `GET /v1/models` (openai-openapi 2.3.0, schema `Model`), with useful extras. */
export function openAiModel(model: ModelDescription): unknown {
  return {
    id: model.id,
    object: 'model',
    created: Math.floor(model.modifiedMs / 1000),
    owned_by: 'inglenook',
    ...(model.contextTokens === null
      ? {}
      : { context_length: model.contextTokens, max_model_len: model.contextTokens }),
  };
}

export function openAiModelList(models: readonly ModelDescription[]): unknown {
  return { object: 'list', data: models.map(openAiModel) };
}
