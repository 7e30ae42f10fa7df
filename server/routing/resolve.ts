import { aliasModel, aliasTargets, type Alias, type FindAlias } from '../core/alias.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, modelNotFound } from '../core/errors.ts';
import type { ModelDescription } from '../core/model.ts';

/** An engine and the id it knows the model by. */
export type Candidate = { readonly engine: Engine; readonly modelId: string };

/**
 * Who could answer for this name, in the order to be tried: an alias's model, then its fallbacks. An alias goes
 * before a model that came to bear the same name later, so that tools keep what they were given.
 * @throws AppError 404 `model_not_found`
 */
export function resolveModel(
  engines: readonly Engine[],
  findAlias: FindAlias,
  name: string,
): readonly [Candidate, ...Candidate[]] {
  const alias = findAlias(name);
  const models = engines.flatMap((engine) => engine.models());
  const ids = alias === null ? [name] : aliasTargets(alias, models);
  const [first, ...rest] = ids.flatMap((id) => holdersOf(engines, id));
  if (first === undefined) throw alias === null ? modelNotFound(name) : nobodyServes(alias, models);
  return [first, ...rest];
}

function holdersOf(engines: readonly Engine[], modelId: string): Candidate[] {
  return engines
    .filter((engine) => engine.models().some((model) => model.id === modelId))
    .map((engine) => ({ engine, modelId }));
}

/** Told only to who may use the name; all others hear `modelNotFound` before they come here. */
function nobodyServes(alias: Alias, models: readonly ModelDescription[]): AppError {
  const model = aliasModel(alias, models);
  return new AppError(
    `The name \`${alias.name}\` stands for the model \`${model}\`, which is not on this server. The owner can point the name to another model.`,
    { status: 404, code: 'model_not_found', param: 'model' },
  );
}
