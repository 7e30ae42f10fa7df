import { aliasModel, servingModel, type Alias } from '../core/alias.ts';
import { listAliases, removeAlias, setAlias } from '../store/aliases.ts';
import { aliasList, savedAlias, setAliasRequest } from '../wire/aliases.ts';
import type { AliasRecord, SavedAlias, SetAliasRequest } from '../wire/aliases.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** The names teammates' tools use instead of a model's. */
export const aliasRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/aliases',
    summary: 'All aliases; the four that exist from the start come first.',
    answer: aliasList,
    handle: ({ context }) => listAliases(context.store).map((alias) => toRecord(context, alias)),
  }),
  route({
    method: 'put',
    path: '/aliases/:name',
    summary:
      'Point a name at a model; makes the alias if it is new. Counts from the next request, running ones are finished by the model they have.',
    body: setAliasRequest,
    answer: savedAlias,
    handle: save,
  }),
  route({
    method: 'delete',
    path: '/aliases/:name',
    summary: 'Forget an alias. The four that exist from the start can only be pointed elsewhere.',
    status: 204,
    handle: remove,
  }),
];

function save({ context, body, param }: AdminCall<SetAliasRequest>): SavedAlias {
  const modelIds = context.engine.models().map((model) => model.id);
  const alias = setAlias(context.store, { name: param('name'), ...body }, modelIds);
  context.log.info('An alias was set.', { alias: alias.name, model: alias.model, fallback: alias.fallback });
  context.live.publish({ type: 'aliases-changed' });
  return { ...toRecord(context, alias), warnings: warningsFor(alias, modelIds) };
}

function remove({ context, param }: AdminCall): void {
  removeAlias(context.store, param('name'));
  context.log.info('An alias was removed.', { alias: param('name').trim() });
  context.live.publish({ type: 'aliases-changed' });
}

function toRecord(context: AdminContext, alias: Alias): AliasRecord {
  const models = context.engine.models();
  return {
    name: alias.name,
    model: aliasModel(alias, models),
    fallback: [...alias.fallback],
    builtIn: alias.builtIn,
    isTestModel: servingModel(alias.name, models, () => alias)?.source === 'starter',
  };
}

/** Not refused: the model may be about to be added. */
function warningsFor(alias: Alias, modelIds: readonly string[]): string[] {
  const wanted = [...(alias.model === null ? [] : [alias.model]), ...alias.fallback];
  return wanted
    .filter((id) => !modelIds.includes(id))
    .map((id) => `There is no model named “${id}” yet; “${alias.name}” can use it once there is.`);
}
