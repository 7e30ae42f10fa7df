import { isPattern, type Alias } from '../core/alias.ts';
import { canMeet, matchOf } from '../core/name-pattern.ts';

type Named = Pick<Alias, 'name' | 'model' | 'fallback' | 'shares'>;

/**
 * The way on which a name would lead back to itself, as names; null if there is none. A target with a `*` that is shorter
 * than its name (`openai/*` → `*`) only ever leads to shorter names, so it comes to an end.
 */
export function findLoop(
  start: Named,
  aliases: readonly Named[],
  modelIds: readonly string[],
): readonly string[] | null {
  const follow = (alias: Named, way: readonly string[]): readonly string[] | null => {
    for (const next of nextOf(alias, aliases, modelIds)) {
      if (next.name === start.name) return [...way, next.name];
      if (way.includes(next.name)) continue;
      const loop = follow(next, [...way, next.name]);
      if (loop !== null) return loop;
    }
    return null;
  };
  return follow(start, [start.name]);
}

function nextOf(alias: Named, aliases: readonly Named[], modelIds: readonly string[]): readonly Named[] {
  return targetsOf(alias).flatMap((target) => {
    if (!target.includes('*')) {
      const next = exactOrPattern(target, aliases, modelIds);
      return next === null ? [] : [next];
    }
    if (target.length < alias.name.length) return [];
    return aliases.filter(({ name }) => canMeet(target, name));
  });
}

/** Every name an alias may lead to, each once. */
export function targetsOf({ model, fallback, shares }: Omit<Named, 'name'>): readonly string[] {
  return [
    ...new Set([...(model === null ? [] : [model]), ...fallback, ...shares.map((share) => share.model)]),
  ];
}

function exactOrPattern(
  target: string,
  aliases: readonly Named[],
  modelIds: readonly string[],
): Named | null {
  const exact = aliases.find(({ name }) => name === target);
  if (exact !== undefined) return exact;
  return modelIds.includes(target) ? null : bestPattern(target, aliases);
}

/** Of the patterns that fit, the one that says most; of equals, the first by the alphabet. */
export function bestPattern<Item extends { readonly name: string }>(
  name: string,
  aliases: readonly Item[],
): Item | null {
  const [best] = aliases
    .filter((alias) => isPattern(alias) && matchOf(alias.name, name) !== null)
    .toSorted((a, b) => b.name.length - a.name.length || (a.name < b.name ? -1 : 1));
  return best ?? null;
}
