import {
  isPattern,
  noSettings,
  type Alias,
  type AliasSettings,
  type FindAlias,
  type Share,
} from '../core/alias.ts';
import { AppError, invalidRequest } from '../core/errors.ts';
import { withoutUndefined } from '../core/without-undefined.ts';
import { bestPattern, findLoop } from './alias-loops.ts';
import { statement, write } from './open.ts';
import type { Store } from './open.ts';

type AliasRow = {
  name: string;
  model: string | null;
  fallback: string;
  builtIn: number;
  shares: string;
  settings: string;
};

const select = 'SELECT name, model, fallback, built_in AS builtIn, shares, settings FROM aliases';

/** Read once and kept, since every request asks; only this file writes the table, and it forgets what it kept. */
const kept = new WeakMap<Store, Kept>();
type Kept = {
  readonly list: readonly Alias[];
  readonly find: FindAlias;
  readonly byName: ReadonlyMap<string, Alias>;
};

function read(store: Store): Kept {
  const known = kept.get(store);
  if (known !== undefined) return known;
  const list = statement(store, `${select} ORDER BY built_in DESC, name`).all().map(fromRow);
  const byName = new Map(list.map((alias) => [alias.name, alias]));
  const fresh = { list, byName, find: aliasFinder(list) };
  // What a transaction under way has written may yet be rolled back.
  if (!store.db.inTransaction) kept.set(store, fresh);
  return fresh;
}

/** What is kept is forgotten before anybody can read what changes. */
function change<Result>(store: Store, work: () => Result): Result {
  return write(store, () => {
    kept.delete(store);
    return work();
  });
}

/** The four names of the start first, then the owner's, each by the alphabet. */
export function listAliases(store: Store): readonly Alias[] {
  return read(store).list;
}

/** The alias of exactly this name, or null. */
export function getAlias(store: Store, name: string): Alias | null {
  return read(store).byName.get(name) ?? null;
}

/** The alias that stands for this name: the one that bears it, else the pattern that fits it best; null for none. */
export function findAlias(store: Store, name: string): Alias | null {
  return read(store).find(name);
}

/** The same for many names at once, among aliases that were read before. */
export function aliasFinder(aliases: readonly Alias[]): FindAlias {
  const byName = new Map(aliases.map((alias) => [alias.name, alias]));
  const patterns = aliases.filter(isPattern);
  // Most offices have none, and every request asks twice.
  if (patterns.length === 0) return (name) => byName.get(name) ?? null;
  return (name) => byName.get(name) ?? bestPattern(name, patterns);
}

export type AliasChange = {
  readonly name: string;
  /** A model's id or another alias; neither need exist yet. */
  readonly model: string;
  /** What is left out stays as it is. */
  readonly fallback?: readonly string[] | undefined;
  readonly shares?: readonly Share[] | undefined;
  readonly settings?:
    | { readonly [Field in keyof AliasSettings]?: AliasSettings[Field] | undefined }
    | undefined;
};

/**
 * Points a name at a model or another name, which need not exist yet; makes the alias if it is new. Requests that run go
 * on with the model they have. `modelIds` are the models that exist.
 * @throws AppError 400 (not a usable name, or one that would lead back to itself), 409 (the name of a model)
 */
export function setAlias(store: Store, wish: AliasChange, modelIds: readonly string[]): Alias {
  const name = requireName(wish.name);
  return change(store, () => {
    const before = getAlias(store, name);
    if (before === null) refuseModelId(name, modelIds);
    const alias = changed(before, wish, name);
    requireStarsInPlace(alias);
    refuseLoop(store, alias, modelIds);
    statement(
      store,
      `INSERT INTO aliases (name, model, fallback, built_in, shares, settings)
       VALUES (@name, @model, @fallback, 0, @shares, @settings)
       ON CONFLICT (name) DO UPDATE SET model = excluded.model, fallback = excluded.fallback,
         shares = excluded.shares, settings = excluded.settings`,
    ).run({
      name,
      model: alias.model,
      fallback: JSON.stringify(alias.fallback),
      shares: JSON.stringify(alias.shares),
      settings: JSON.stringify(alias.settings),
    });
    return alias;
  });
}

function changed(before: Alias | null, wish: AliasChange, name: string): Alias {
  const model = wish.model.trim();
  const fallback = (wish.fallback ?? before?.fallback ?? []).map((id) => id.trim());
  const shares = (wish.shares ?? keptShares(before, model)).map((share) => ({
    ...share,
    model: share.model.trim(),
  }));
  requireSoundShares(shares, model);
  return {
    name,
    model,
    // Trying the same one twice helps nobody.
    fallback: [...new Set(fallback)].filter((id) => id !== model),
    builtIn: before?.builtIn ?? false,
    shares,
    settings: { ...noSettings, ...before?.settings, ...withoutUndefined(wish.settings ?? {}) },
  };
}

/** Whoever points a name elsewhere without a word about shares means all of it. */
function keptShares(before: Alias | null, model: string): readonly Share[] {
  return before !== null && before.model === model ? before.shares : [];
}

/** Forgets an alias. Throws 404 for an unknown one, 409 for one of the four that exist from the start. */
export function removeAlias(store: Store, name: string): void {
  change(store, () => {
    const alias = getAlias(store, name.trim());
    if (alias === null) {
      throw new AppError(`There is no alias named “${name.slice(0, 200)}”.`, {
        status: 404,
        code: 'alias_not_found',
        param: 'name',
      });
    }
    if (alias.builtIn) {
      throw new AppError(
        `“${alias.name}” is one of the names every tool is set up with, so it cannot be removed. Point it to another model instead.`,
        { status: 409, code: 'alias_not_removable', param: 'name' },
      );
    }
    statement(store, 'DELETE FROM aliases WHERE name = ?').run(alias.name);
  });
}

const longestName = 200;

/** Free text with at most one `*`, but nothing that cannot be seen, or that makes a name look like another one. */
function requireName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > longestName) {
    throw invalidRequest(`A name has 1 to ${longestName} characters.`, 'name');
  }
  if (/[\p{Cc}\u2028\u2029\p{Bidi_Control}]/u.test(name) || !name.isWellFormed()) {
    throw invalidRequest('The name holds invisible control characters. Type it anew.', 'name');
  }
  // In an address these two mean "this folder" and "the one above"; tools would never reach the name.
  if (name === '.' || name === '..') throw invalidRequest('A name cannot be made of dots alone.', 'name');
  if (name.split('*').length > 2) {
    throw invalidRequest('A name may hold one * for any text, not several.', 'name');
  }
  return name;
}

function refuseModelId(name: string, modelIds: readonly string[]): void {
  if (!modelIds.includes(name)) return;
  throw new AppError(`There is a model with the id “${name}”. Choose another name for the alias.`, {
    status: 409,
    code: 'name_taken',
    param: 'name',
  });
}

/** In a target `*` stands for what it stands for in the name. */
function requireStarsInPlace({ name, model, fallback, shares }: Alias): void {
  const targets = [model ?? '', ...fallback, ...shares.map((share) => share.model)];
  const most = name.includes('*') ? 1 : 0;
  const wrong = targets.find((target) => target.split('*').length - 1 > most);
  if (wrong === undefined) return;
  throw invalidRequest(
    most === 0
      ? `“${wrong}” holds a *, but the name “${name}” has none that it could stand for.`
      : `“${wrong}” holds several *; one stands for what the name’s * stands for.`,
    'model',
  );
}

function requireSoundShares(shares: readonly Share[], model: string): void {
  if (shares.length === 0) return;
  if (new Set(shares.map((share) => share.model)).size < shares.length) {
    throw invalidRequest('A model is named twice among those that share the work.', 'shares');
  }
  if (!shares.some((share) => share.model === model)) {
    throw invalidRequest(`“${model}” has no weight among those that share the work.`, 'shares');
  }
}

function refuseLoop(store: Store, alias: Alias, modelIds: readonly string[]): void {
  const others = listAliases(store).filter(({ name }) => name !== alias.name);
  const loop = findLoop(alias, [...others, alias], modelIds);
  if (loop === null) return;
  throw invalidRequest(
    `“${alias.name}” would lead back to itself (${loop.join(' → ')}), so nothing would ever answer. Name the model that shall answer.`,
    'model',
  );
}

function fromRow(row: unknown): Alias {
  const { name, model, fallback, builtIn, shares, settings } = row as AliasRow;
  return {
    name,
    model,
    fallback: JSON.parse(fallback) as string[],
    builtIn: builtIn === 1,
    shares: JSON.parse(shares) as Share[],
    settings: { ...noSettings, ...(JSON.parse(settings) as Partial<AliasSettings>) },
  };
}
