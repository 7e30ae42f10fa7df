import { isPattern, servingModel } from '../core/alias.ts';
import type { Engine } from '../core/engine.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Principal } from '../core/principal.ts';
import { mayUseModel } from '../gate/admit.ts';
import { aliasFinder, findAlias, listAliases } from '../store/aliases.ts';
import type { Store } from '../store/open.ts';

export type UsableServices = { readonly store: Store; readonly engines: readonly Engine[] };

/**
 * What a key limited so may ask for now: models, then aliases; a name that is both stands for the alias. Patterns are no
 * names, an alias nobody could answer for is left out as a model that has failed is, and so is what lies outside the
 * office for a key that may not go there.
 */
export function usableModels(
  { store, engines }: UsableServices,
  principal: Pick<Principal, 'models' | 'mayLeave'>,
): readonly ModelDescription[] {
  const models = reachable(engines, principal).flatMap((engine) => engine.models());
  const aliases = listAliases(store);
  const find = aliasFinder(aliases);
  const names = new Set(aliases.map(({ name }) => name));
  const usable = models.filter((model) => model.state !== 'failed' && !names.has(model.id));
  const named = aliases.flatMap((alias) => {
    const serving = isPattern(alias) ? null : servingModel(alias.name, models, find);
    return serving === null ? [] : [{ ...serving, id: alias.name }];
  });
  const all = [...uniqueById(usable), ...named];
  return all.filter((model) => mayUseModel(principal, model.id));
}

/** The same list, with the model itself that would answer for each name now. */
export function servingModels(
  services: UsableServices,
  principal: Pick<Principal, 'models' | 'mayLeave'>,
): readonly { readonly name: string; readonly serving: ModelDescription }[] {
  const models = reachable(services.engines, principal).flatMap((engine) => engine.models());
  const find = aliasFinder(listAliases(services.store));
  return usableModels(services, principal).map((model) => ({
    name: model.id,
    serving: servingModel(model.id, models, find) ?? model,
  }));
}

/** The model behind a name, as this key may ask for it now, also by a pattern; null if it may not, or nobody has it. */
export function usableModel(
  { store, engines }: UsableServices,
  principal: Pick<Principal, 'models' | 'mayLeave'>,
  name: string,
): ModelDescription | null {
  if (!mayUseModel(principal, name)) return null;
  const models = reachable(engines, principal).flatMap((engine) => engine.models());
  const serving = servingModel(name, models, (one) => findAlias(store, one));
  return serving === null ? null : { ...serving, id: name };
}

function reachable(engines: readonly Engine[], { mayLeave }: Pick<Principal, 'mayLeave'>): readonly Engine[] {
  return engines.filter(({ isOutside }) => mayLeave || isOutside !== true);
}

/** A model that several engines have is one name. */
function uniqueById(models: readonly ModelDescription[]): ModelDescription[] {
  return [...new Map(models.toReversed().map((model) => [model.id, model])).values()].toReversed();
}
