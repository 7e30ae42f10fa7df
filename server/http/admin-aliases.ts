import { aliasFor, aliasModel, isPattern, servingModel, type Alias } from '../core/alias.ts';
import { targetsOf } from '../store/alias-loops.ts';
import { aliasFinder, findAlias, getAlias, listAliases, removeAlias, setAlias } from '../store/aliases.ts';
import { forgetUnknownNames, listUnknownNames } from '../store/unknown-names.ts';
import {
  addedNames,
  aliasList,
  roleNames,
  savedAlias,
  setAliasRequest,
  unknownNameList,
  usualNames,
} from '../wire/aliases.ts';
import type {
  AddedNames,
  AliasRecord,
  SavedAlias,
  SetAliasRequest,
  UnknownNameRecord,
} from '../wire/aliases.ts';
import { AppError } from '../core/errors.ts';
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
    method: 'post',
    path: '/aliases/usual-names',
    summary:
      'Add the names that tools have built in (gpt-4o-mini, text-embedding-3-small …), each led to one of the four. Names that lead somewhere already stay.',
    answer: addedNames,
    handle: addUsualNames,
  }),
  route({
    method: 'put',
    path: '/aliases/:name',
    summary:
      'Point a name, or a pattern with one *, at a model or another name; makes the alias if it is new. `*` alone answers for every unknown name. Counts from the next request, running ones are finished by the model they have.',
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
  route({
    method: 'get',
    path: '/unknown-names',
    summary: 'Names that were asked for and that nobody has defined, the one asked for most often first.',
    answer: unknownNameList,
    handle: ({ context }) => listUnknownNames(context.store).map(toUnknownRecord),
  }),
  route({
    method: 'delete',
    path: '/unknown-names/:name',
    summary: 'Strike a name from the list of unknown ones; a pattern strikes all that fit.',
    status: 204,
    handle: ({ context, param }) =>
      void forgetUnknownNames(context.store, requireUnknown(context, param('name'))),
  }),
];

function save({ context, body, param }: AdminCall<SetAliasRequest>): SavedAlias {
  const modelIds = context.engine.models().map((model) => model.id);
  const alias = setAlias(context.store, { name: param('name'), ...body }, modelIds);
  announce(context, alias);
  return { ...toRecord(context, alias), warnings: warningsFor(context, alias, modelIds) };
}

/** Everybody who asked for it in vain is answered now. */
function announce(context: AdminContext, alias: Alias): void {
  forgetUnknownNames(context.store, alias.name);
  context.log.info('An alias was set.', { alias: alias.name, model: alias.model, fallback: alias.fallback });
  context.live.publish({ type: 'aliases-changed' });
}

function remove({ context, param }: AdminCall): void {
  removeAlias(context.store, param('name'));
  context.log.info('An alias was removed.', { alias: param('name').trim() });
  context.live.publish({ type: 'aliases-changed' });
}

function addUsualNames({ context }: AdminCall): AddedNames {
  const { store } = context;
  const modelIds = context.engine.models().map((model) => model.id);
  const added: string[] = [];
  const kept: string[] = [];
  for (const [name, role] of usualNames) {
    if (modelIds.includes(name) || getAlias(store, name) !== null) {
      kept.push(name);
      continue;
    }
    announce(context, setAlias(store, { name, model: roleNames[role] }, modelIds));
    added.push(name);
  }
  return { added, kept };
}

function requireUnknown({ store }: AdminContext, name: string): string {
  if (name.includes('*') || listUnknownNames(store).some((known) => known.name === name)) return name;
  throw new AppError(`Nobody has asked for “${name.slice(0, 200)}”.`, {
    status: 404,
    code: 'name_not_found',
    param: 'name',
  });
}

function toRecord(context: AdminContext, alias: Alias): AliasRecord {
  const models = context.engine.models();
  const others = listAliases(context.store);
  const find = aliasFinder(others.some(({ name }) => name === alias.name) ? others : [...others, alias]);
  // Of a pattern, what its target says by itself.
  const asked = isPattern(alias) ? aliasModel(alias, models) : alias.name;
  return {
    name: alias.name,
    model: aliasModel(alias, models),
    fallback: [...alias.fallback],
    builtIn: alias.builtIn,
    isTestModel: servingModel(asked, models, find)?.source === 'starter',
    shares: alias.shares.map((share) => ({ ...share })),
    settings: { ...alias.settings },
  };
}

function toUnknownRecord(unknown: ReturnType<typeof listUnknownNames>[number]): UnknownNameRecord {
  const { name, requests, firstMs, lastMs, keyName } = unknown;
  return {
    name,
    requests,
    firstAt: new Date(firstMs).toISOString(),
    lastAt: new Date(lastMs).toISOString(),
    key: keyName,
  };
}

/** Not refused: the model may be about to be added. */
function warningsFor({ store, engine }: AdminContext, alias: Alias, modelIds: readonly string[]): string[] {
  const models = engine.models();
  const isThere = (name: string): boolean =>
    name.includes('*') ||
    modelIds.includes(name) ||
    aliasFor(name, models, (one) => findAlias(store, one)) !== null;
  return targetsOf(alias)
    .filter((name) => !isThere(name))
    .map((name) => `There is no model named “${name}” yet; “${alias.name}” can use it once there is.`);
}
