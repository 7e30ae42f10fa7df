import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { modelCheck, modelCheckList, type ModelCheck } from '../wire/checks.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Where two engines have a model of the same name, `engine` says whose is meant; else the first is. */
const whose = z.strictObject({ engine: z.string().max(200).optional() });
type Whose = z.infer<typeof whose>;

/** For which tools models are good. `:model` is an id as the list of models gives it, or the file's path. */
export const checkRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/checks',
    summary:
      'The compatibility check of every model: what was found, whether it still holds, and for which tools.',
    answer: modelCheckList,
    handle: ({ context }) => context.checks.list(),
  }),
  route({
    method: 'get',
    path: '/models/:model/check',
    summary: 'The compatibility check of one model; while it runs, how far it has come.',
    query: whose,
    answer: modelCheck,
    handle: ({ context, param, query }): ModelCheck => {
      const found = context.checks.find(idOf(context, param('model')), query.engine);
      if (found === null) throw notFound(param('model'));
      return found;
    },
  }),
  route({
    method: 'post',
    path: '/models/:model/check',
    summary:
      'Check a model for which tools it is good: loads it and sends it a dozen short requests and one as long as it takes, behind everybody else. One model at a time. Answers at once; progress is in the events.',
    query: whose,
    answer: modelCheck,
    handle: ({ context, param, query }: AdminCall<null, Whose>) =>
      context.checks.start(idOf(context, param('model')), query.engine),
  }),
  route({
    method: 'delete',
    path: '/models/:model/check',
    summary: 'End the check that runs or waits; what was found before stays.',
    query: whose,
    status: 204,
    handle: ({ context, param, query }: AdminCall<null, Whose>) =>
      context.checks.cancel(idOf(context, param('model')), query.engine),
  }),
];

function idOf({ engine }: AdminContext, name: string): string {
  const models = engine.models();
  if (models.some(({ id }) => id === name)) return name;
  return models.find(({ path }) => path === name)?.id ?? name;
}

function notFound(name: string): AppError {
  return new AppError(`There is no model named “${name.slice(0, 200)}” on this computer.`, {
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
}
