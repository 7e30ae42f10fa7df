import { servingModel, type FindAlias } from '../core/alias.ts';
import type { ModelDescription } from '../core/model.ts';
import { roleNames } from '../wire/aliases.ts';
import type { ConnectContext, Roles } from './context.ts';

/**
 * The name a key uses for each role: the office's own where the key may use it, else the nearest it may use.
 * `keyModels`: the names the key is limited to; null for all. An empty list, of a key that may use nothing yet, gets
 * the four as well.
 */
export function rolesFor(keyModels: readonly string[] | null): Roles {
  if (keyModels === null || keyModels.length === 0) return roleNames;
  const may = (name: string): string | undefined => (keyModels.includes(name) ? name : undefined);
  const chat = may(roleNames.chat) ?? may(roleNames.code) ?? keyModels[0] ?? roleNames.chat;
  return {
    chat,
    code: may(roleNames.code) ?? chat,
    autocomplete: may(roleNames.autocomplete) ?? chat,
    embed: may(roleNames.embed) ?? chat,
  };
}

/** What can be said of a key's names now: the smaller context of chat and code, and whether it is all a test. */
export function describeNames(
  keyModels: readonly string[] | null,
  models: readonly ModelDescription[],
  findAlias: FindAlias,
): Pick<ConnectContext, 'roles' | 'contextTokens' | 'isTestModel'> {
  const roles = rolesFor(keyModels);
  const serving = [roles.chat, roles.code].map((name) => servingModel(name, models, findAlias));
  const sizes = serving.map(sizeOf);
  return {
    roles,
    contextTokens:
      sizes.reduce((least, size) => (least === null || size === null ? null : Math.min(least, size))) ?? null,
    isTestModel: serving.some((model) => model?.source === 'starter'),
  };
}

/** Of a model that is not loaded just now: as it was the last time, and no more than the owner has set since. */
function sizeOf(model: ModelDescription | null): number | null {
  if (model === null) return null;
  const last = model.attempts.at(-1);
  const sizes = [last?.reason === null ? last.contextTokens : null, model.settings.contextTokens];
  const known = sizes.filter((size) => size !== null);
  return model.contextTokens ?? (known.length === 0 ? null : Math.min(...known));
}
