import type { Alias } from '../core/alias.ts';
import { AppError, invalidRequest } from '../core/errors.ts';
import { statement, write } from './open.ts';
import type { Store } from './open.ts';

type AliasRow = { name: string; model: string | null; fallback: string; builtIn: number };

const select = 'SELECT name, model, fallback, built_in AS builtIn FROM aliases';

/** The four names of the start first, then the owner's, each by the alphabet. */
export function listAliases(store: Store): Alias[] {
  return statement(store, `${select} ORDER BY built_in DESC, name`).all().map(fromRow);
}

/** The alias of exactly this name, or null. */
export function getAlias(store: Store, name: string): Alias | null {
  const row = statement(store, `${select} WHERE name = ?`).get(name);
  return row === undefined ? null : fromRow(row);
}

export type AliasChange = {
  readonly name: string;
  readonly model: string;
  /** Left out, the fallbacks stay as they are. */
  readonly fallback?: readonly string[] | undefined;
};

/**
 * Points a name at a model, which need not exist yet; makes the alias if it is new. Requests that run go on
 * with the model they have. `modelIds` are the models that exist.
 * @throws AppError 400 (not a usable name, or a target that is an alias), 409 (the name of a model)
 */
export function setAlias(store: Store, change: AliasChange, modelIds: readonly string[]): Alias {
  const name = requireName(change.name);
  return write(store, () => {
    const before = getAlias(store, name);
    if (before === null) refuseTakenName(store, name, modelIds);
    const model = change.model.trim();
    const fallback = unique(
      (change.fallback ?? before?.fallback ?? []).map((id) => id.trim()),
      model,
    );
    refuseAliasAsTarget(store, name, [model, ...fallback]);
    const alias: Alias = { name, model, fallback, builtIn: before?.builtIn ?? false };
    statement(
      store,
      `INSERT INTO aliases (name, model, fallback, built_in) VALUES (@name, @model, @fallback, 0)
       ON CONFLICT (name) DO UPDATE SET model = excluded.model, fallback = excluded.fallback`,
    ).run({ name, model, fallback: JSON.stringify(fallback) });
    return alias;
  });
}

/** Forgets an alias. Throws 404 for an unknown one, 409 for one of the four that exist from the start. */
export function removeAlias(store: Store, name: string): void {
  write(store, () => {
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

/** Free text, but nothing that cannot be seen, or that makes a name look like another one. */
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
  return name;
}

function refuseTakenName(store: Store, name: string, modelIds: readonly string[]): void {
  if (modelIds.includes(name)) {
    throw new AppError(`There is a model with the id “${name}”. Choose another name for the alias.`, {
      status: 409,
      code: 'name_taken',
      param: 'name',
    });
  }
  const user = listAliases(store).find((alias) => [alias.model, ...alias.fallback].includes(name));
  if (user === undefined) return;
  throw invalidRequest(
    `The alias “${user.name}” points to a model named “${name}”, and an alias cannot point to another alias. ` +
      `Choose another name, or point “${user.name}” elsewhere first.`,
    'name',
  );
}

function refuseAliasAsTarget(store: Store, name: string, targets: readonly string[]): void {
  const wrong = targets.find((target) => target === name || getAlias(store, target) !== null);
  if (wrong === undefined) return;
  throw invalidRequest(
    wrong === name
      ? `“${name}” cannot point to itself. Name the model that shall answer.`
      : `“${wrong}” is an alias itself. Name the model that shall answer, not another alias.`,
    'model',
  );
}

/** Trying the same model twice helps nobody. */
function unique(fallback: readonly string[], model: string): string[] {
  return [...new Set(fallback)].filter((id) => id !== model);
}

function fromRow(row: unknown): Alias {
  const { name, model, fallback, builtIn } = row as AliasRow;
  return { name, model, fallback: JSON.parse(fallback) as string[], builtIn: builtIn === 1 };
}
