import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { modelNotFound, toAppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { anthropicModel, anthropicModelList } from '../dialects/anthropic-models.ts';
import { codexModels } from '../dialects/codex-models.ts';
import { openAiModel, openAiModelList } from '../dialects/openai-models.ts';
import { clientOf } from '../edge/client.ts';
import type { Gate } from '../gate/gate.ts';
import type { Store } from '../store/open.ts';
import { requestIdOf } from './api-headers.ts';
import { requireServing, type ServeServices } from './exchange.ts';
import { errorLanguage, speaksAnthropic } from './error-language.ts';
import { withoutHandingOn } from './hop.ts';
import { setErrorHeaders } from './respond.ts';
import { tellTracing } from './tracing.ts';
import { explainUnknown } from './unknown-model.ts';
import { usableModel, usableModels } from './usable-models.ts';

type ModelsServices = {
  readonly store: Store;
  readonly engines: readonly Engine[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly gate: Gate;
  readonly pauses?: ServeServices['pauses'] | undefined;
};

/**
 * `GET /v1/models`: what this key may use; many tools use it as the test of a key, so a wrong one is 401. One list in
 * three shapes (clients.md §2.4): Anthropic's fields for its clients, the catalogue beside it for Codex.
 */
export function listModels(services: ModelsServices): RequestHandler {
  return function listModelsForKey(request, response) {
    answer(request, response, () => {
      const principal = services.gate.enter(request, clientOf(request).address);
      requireServing(services);
      tellTracing(response, services, principal);
      const models = usableModels(withoutHandingOn(request, services), principal);
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
      const principal = services.gate.enter(request, clientOf(request).address);
      requireServing(services);
      tellTracing(response, services, principal);
      const model = usableModel(withoutHandingOn(request, services), principal, id);
      if (model === null) throw explainUnknown(services, principal, id, modelNotFound(id));
      return speaksAnthropic(request) ? anthropicModel(model) : openAiModel(model);
    });
  };
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
