import { useMemo } from 'react';
import { useKeys, useModels } from './queries.ts';

/** Who and what has which colour: a person the same in every chart, whatever time it shows and whoever else is in it. */

/** Of `styles/tokens.css`: six hues, each in two depths. */
const hues = 6;
const palette = Array.from({ length: 2 * hues }, (_, index) => `var(--ink-chart-${index + 1})`);
export const othersColor = 'var(--ink-series-5)';

/** The colour of each name; those that are shown together get different ones as far as there are enough. */
export type Colors = (shown: readonly (string | null)[]) => ReadonlyMap<string | null, string>;

/** In the order in which people got their first key, so that who comes later changes nobody's. */
export function usePersonColors(): Colors {
  const keys = useKeys().data;
  return useMemo(() => {
    const byAge = (keys ?? []).toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
    return colorsOf(byAge.flatMap(({ person }) => (person === null ? [] : [person])));
  }, [keys]);
}

export function useModelColors(): Colors {
  const models = useModels().data;
  return useMemo(() => colorsOf((models ?? []).map(({ id }) => id).toSorted()), [models]);
}

/** `order`: everybody there is; who is not among them (any more) takes what is left over. */
export function colorsOf(order: readonly string[]): Colors {
  const places = new Map([...new Set(order)].map((name, place) => [name, place % palette.length]));
  return (shown) => {
    const colors = new Map<string | null, string>();
    const taken = new Set<number>();
    const isFree = (place: number): boolean => !taken.has(place);
    const isFreeHue = (place: number): boolean => ![...taken].some((other) => other % hues === place % hues);
    const give = (name: string | null, place: number): void => {
      taken.add(place);
      colors.set(name, palette[place] ?? othersColor);
    };
    /** The next hue that nobody has, then the next depth of any. */
    const giveFrom = (name: string | null, first: number): void => {
      const wanted = palette.map((_, index) => (first + index) % palette.length);
      give(name, wanted.find(isFreeHue) ?? wanted.find(isFree) ?? first);
    };
    // Those who have a colour come first: who has none must not take theirs.
    for (const name of shown) {
      const place = name === null ? undefined : places.get(name);
      if (place === undefined) continue;
      if (isFree(place)) give(name, place);
      else giveFrom(name, place);
    }
    for (const name of shown) if (!colors.has(name)) giveFrom(name, placeOf(name ?? ''));
    return colors;
  };
}

/** Always the same for the same name (FNV-1a). */
function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % palette.length;
}
