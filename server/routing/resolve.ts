import { aliasFor, aliasModel, modelIdsFor, type Alias, type FindAlias } from '../core/alias.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, modelNotFound } from '../core/errors.ts';
import type { ModelDescription } from '../core/model.ts';
import { dealBy, stableOrder } from './deal.ts';

/** An engine and the id it knows the model by. */
export type Candidate = { readonly engine: Engine; readonly modelId: string };

type ResolveOptions = {
  /** Whether it may be sent out of the office. Absent: it may not. */
  readonly mayLeaveOffice?: boolean;
  /**
   * What the request shares with those whose computed beginnings it could use: requests of the same text go the same
   * way where several share the work. Absent: the greatest weight goes first.
   */
  readonly stickTo?: () => string;
};

/**
 * Who could answer for this name, in the order to be tried: an alias's model, or by their weights those who share its
 * work, then its fallbacks. An alias goes before a model that came to bear the same name later, so that tools keep what
 * they were given; a pattern comes after all models. Of several engines with the same model those in the house go first.
 * @throws AppError 404 `model_not_found`, also for what only engines outside have and the asker may not let out
 */
export function resolveModel(
  engines: readonly Engine[],
  findAlias: FindAlias,
  name: string,
  { mayLeaveOffice = false, stickTo }: ResolveOptions = {},
): readonly [Candidate, ...Candidate[]] {
  const open = engines.filter((engine) => mayLeaveOffice || engine.isOutside !== true);
  // Where many models are known, most requests name one of them: no list of all is made for those.
  if (findAlias(name) === null) {
    const [only, ...others] = holdersOf(open, name, stickTo);
    if (only === undefined) throw modelNotFound(name);
    return [only, ...others];
  }
  const models = open.flatMap((engine) => engine.models());
  const deal = stickTo === undefined ? {} : { deal: dealBy(stickTo()) };
  const ids = modelIdsFor(name, models, { findAlias, ...deal });
  const [first, ...rest] = ids.flatMap((id) => holdersOf(open, id, stickTo));
  if (first !== undefined) return [first, ...rest];
  const alias = aliasFor(name, models, findAlias);
  // What is only outside is not told to who may not go there.
  const isOutside = open.length < engines.length && ids.some((id) => holdersOf(engines, id).length > 0);
  throw alias === null || isOutside ? modelNotFound(name) : nobodyServes(alias, models);
}

function holdersOf(engines: readonly Engine[], modelId: string, stickTo?: () => string): Candidate[] {
  const holders = engines.filter((engine) => engine.models().some((model) => model.id === modelId));
  // The usual case costs no lists.
  if (holders.length < 2) return holders.map((engine) => ({ engine, modelId }));
  const isNear = (engine: Engine): boolean => engine.isRemote !== true;
  const far = holders.filter((engine) => !isNear(engine));
  const inOrder =
    stickTo === undefined || far.length < 2
      ? far
      : stableOrder(stickTo(), far, ({ id }) => ({ name: id, weight: 1 }));
  return [
    ...holders.filter(isNear),
    ...inOrder.filter(({ isOutside }) => isOutside !== true),
    ...inOrder.filter(({ isOutside }) => isOutside === true),
  ].map((engine) => ({ engine, modelId }));
}

/** Told only to who may use the name; all others hear `modelNotFound` before they come here. */
function nobodyServes(alias: Alias, models: readonly ModelDescription[]): AppError {
  const model = aliasModel(alias, models);
  return new AppError(
    `The name \`${alias.name}\` stands for the model \`${model}\`, which is not on this server. The owner can point the name to another model.`,
    { status: 404, code: 'model_not_found', param: 'model' },
  );
}
