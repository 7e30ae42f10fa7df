import type { ModelDescription } from './model.ts';

/** A name that stands for a model. What serves it is changed without touching a tool that uses it. */
export type Alias = {
  readonly name: string;
  /** A model's id; null stands for the starter model, whichever this version brings along. */
  readonly model: string | null;
  /** Model ids, tried in this order when the model cannot answer. */
  readonly fallback: readonly string[];
  /** The four names of design decision 18: they can be pointed elsewhere but not removed. */
  readonly builtIn: boolean;
};

/** Looks a name up; null when it is no alias. */
export type FindAlias = (name: string) => Alias | null;

/** Named where the starter model is not there, so that the owner can be told what is missing. */
const usualStarterId = 'smollm2-135m-instruct';

/** The id an alias stands for, whether or not that model is there. */
export function aliasModel(alias: Alias, models: readonly ModelDescription[]): string {
  return alias.model ?? models.find(({ source }) => source === 'starter')?.id ?? usualStarterId;
}

/** Model ids in the order to be tried. They are never looked up as aliases, so no loop is possible. */
export function aliasTargets(alias: Alias, models: readonly ModelDescription[]): readonly string[] {
  return [aliasModel(alias, models), ...alias.fallback];
}

/** The model that would answer for this name now: the first that is there and usable; null when there is none. */
export function servingModel(
  name: string,
  models: readonly ModelDescription[],
  findAlias: FindAlias,
): ModelDescription | null {
  const alias = findAlias(name);
  const ids = alias === null ? [name] : aliasTargets(alias, models);
  for (const id of ids) {
    const model = models.find((candidate) => candidate.id === id && candidate.state !== 'failed');
    if (model !== undefined) return model;
  }
  return null;
}
