import type { WireModel } from '../../server/wire/admin.ts';
import { roleNames, type AliasRecord } from '../../server/wire/aliases.ts';

/** What can be asked: names that tools use, and models that write. */
export type Choices = { readonly names: readonly string[]; readonly models: readonly string[] };

export function choicesOf(models: readonly WireModel[], aliases: readonly AliasRecord[]): Choices {
  const writing = models.filter(({ task }) => task === 'generate').map(({ id }) => id);
  const notWriting = new Set(models.filter(({ task }) => task !== 'generate').map(({ id }) => id));
  // A name with a star stands for many, and one for search in files answers nothing.
  const names = aliases.filter(({ name, model }) => !name.includes('*') && !notWriting.has(model));
  return {
    names: names.map(({ name }) => name).filter((name) => name !== roleNames.embed),
    models: [...new Set(writing)],
  };
}

/** Whom to ask where nobody has chosen, or the choice is gone: what tools ask by, else any model, else nobody. */
export function chosen(wanted: string | null, { names, models }: Choices): string | null {
  const all = [...names, ...models];
  if (wanted !== null && all.includes(wanted)) return wanted;
  return names.find((name) => name === roleNames.chat) ?? models[0] ?? names[0] ?? null;
}

/** The model behind a name; the name itself where it is one, or leads nowhere that is known. */
export function modelBehind(name: string, aliases: readonly AliasRecord[]): string {
  let model = name;
  // Names may lead to names; the server lets none lead back.
  for (let step = 0; step < 10; step++) {
    const next = aliases.find((alias) => alias.name === model)?.model;
    if (next === undefined) break;
    model = next;
  }
  return model;
}

/** Design decision 18: what only the starter model serves is no work. */
export function isTestModel(
  name: string,
  models: readonly WireModel[],
  aliases: readonly AliasRecord[],
): boolean {
  const behind = modelBehind(name, aliases);
  return models.some(({ id, source }) => id === behind && source === 'starter');
}
