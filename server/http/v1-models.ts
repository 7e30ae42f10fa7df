import type { Request, RequestHandler, Response } from 'express';
import { servingModel, type Alias } from '../core/alias.ts';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { modelNotFound, toAppError } from '../core/errors.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Principal } from '../core/principal.ts';
import { anthropicModel, anthropicModelList } from '../dialects/anthropic-models.ts';
import { codexModels } from '../dialects/codex-models.ts';
import { openAiModel, openAiModelList } from '../dialects/openai-models.ts';
import { mayUseModel } from '../gate/admit.ts';
import { authenticate } from '../gate/authenticate.ts';
import { listAliases } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';
import { requestIdOf } from './api-headers.ts';
import { errorLanguage, speaksAnthropic } from './error-language.ts';
import { setErrorHeaders } from './respond.ts';

type ModelsServices = { readonly store: Store; readonly engines: readonly Engine[]; readonly clock: Clock };

/**
 * `GET /v1/models`: what this key may use; many tools use it as the test of a key, so a wrong one is 401. One list in
 * three shapes (clients.md §2.4): Anthropic's fields for its clients, the catalogue beside it for Codex.
 */
export function listModels(services: ModelsServices): RequestHandler {
  return function listModelsForKey(request, response) {
    answer(request, response, () => {
      const models = modelsForKey(services, request);
      const list = speaksAnthropic(request) ? anthropicModelList(models) : openAiModelList(models);
      return 'client_version' in request.query ? { ...list, models: codexModels(models) } : list;
    });
  };
}

/** `GET /v1/models/:id`; ids may hold `/` and `:`, raw or percent-encoded. */
export function showModel(services: ModelsServices): RequestHandler {
  return function showModelForKey(request, response) {
    answer(request, response, () => {
      const wanted = request.params['id'];
      const id = Array.isArray(wanted) ? wanted.join('/') : (wanted ?? '');
      const model = modelsForKey(services, request).find((candidate) => candidate.id === id);
      if (model === undefined) throw modelNotFound(id);
      return speaksAnthropic(request) ? anthropicModel(model) : openAiModel(model);
    });
  };
}

function modelsForKey(services: ModelsServices, request: Request): readonly ModelDescription[] {
  return usableModels(services, authenticate(services.store, request, services.clock.nowMs()));
}

/** What a key limited so may ask for now: models, then aliases; a name that is both stands for the alias. */
export function usableModels(
  services: Pick<ModelsServices, 'store' | 'engines'>,
  principal: Pick<Principal, 'models'>,
): readonly ModelDescription[] {
  const models = services.engines.flatMap((engine) => engine.models());
  const aliases = listAliases(services.store);
  const names = new Set(aliases.map(({ name }) => name));
  const usable = models.filter((model) => model.state !== 'failed' && !names.has(model.id));
  return [...usable, ...aliases.flatMap((alias) => asModel(alias, models))].filter((model) =>
    mayUseModel(principal, model.id),
  );
}

/** An alias nobody could answer for is left out, as a model that has failed is. */
function asModel(alias: Alias, models: readonly ModelDescription[]): ModelDescription[] {
  const serving = servingModel(alias.name, models, () => alias);
  return serving === null ? [] : [{ ...serving, id: alias.name }];
}

function answer(request: Request, response: Response, make: () => unknown): void {
  try {
    response.json(make());
  } catch (error) {
    const appError = toAppError(error);
    const { status, body } = errorLanguage(request)(appError, requestIdOf(response));
    setErrorHeaders(response, appError);
    response.status(status).json(body);
  }
}
