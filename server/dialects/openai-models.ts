import type { Task } from '../core/ask.ts';
import type { ModelDescription } from '../core/model.ts';

type OpenAiModel = Readonly<Record<string, unknown>> & { readonly id: string };

/** In the words of Ollama and LM Studio; OpenAI has none. */
const capabilities: Readonly<Record<Task, readonly string[]>> = {
  generate: ['completion', 'tools'],
  embed: ['embedding'],
  rerank: ['rerank'],
};

/**
 * One model in the shape of `GET /v1/models` (openai-openapi 2.3.0, schema `Model`), with the extras that tools look
 * for (clients.md §2.4); what is not known is left out, since some tools choke on null.
 */
export function openAiModel({ id, modifiedMs, contextTokens, task }: ModelDescription): OpenAiModel {
  return {
    id,
    object: 'model',
    created: Math.floor(modifiedMs / 1000),
    owned_by: 'inglenook',
    name: id,
    capabilities: capabilities[task],
    ...(contextTokens === null
      ? {}
      : { context_length: contextTokens, max_model_len: contextTokens, max_output_tokens: contextTokens }),
  };
}

export function openAiModelList(models: readonly ModelDescription[]): Readonly<Record<string, unknown>> {
  return { object: 'list', data: models.map(openAiModel) };
}
