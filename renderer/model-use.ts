import type { KeyRecord, WireModel } from '../server/wire/admin.ts';
import type { AliasRecord } from '../server/wire/aliases.ts';

/** What hangs on a model: the names that lead to it, and the devices that could use nothing else. */

/** What a model can be asked for, as far as its file and its name tell. */
export const modelRoles = ['chat', 'code', 'embeddings', 'ranking', 'vision', 'tools'] as const;
export type ModelRole = (typeof modelRoles)[number];

/** How publishers name their models for programming; a decoder is none. */
const codeNames =
  /(?:^|[^a-z])(?:(?:star|wizard|open|stable)?coder?|codestral|codegemma|codellama|codeqwen)(?![a-z])/i;

/** `canUseTools`: what its header says; null where nobody has read it. */
export function rolesOf(
  { id, task, canSee }: Pick<WireModel, 'id' | 'task' | 'canSee'>,
  canUseTools: boolean | null,
): ModelRole[] {
  switch (task) {
    case 'embed':
      return ['embeddings'];
    case 'rerank':
      return ['ranking'];
    case 'generate':
      return [
        'chat',
        ...(codeNames.test(id) ? (['code'] as const) : []),
        ...(canSee === true ? (['vision'] as const) : []),
        ...(canUseTools === true ? (['tools'] as const) : []),
      ];
    default:
      return task satisfies never;
  }
}

/** Names that lead to the model themselves, or share its work; not those that only fall back on it. */
export function namesOf(modelId: string, aliases: readonly AliasRecord[]): string[] {
  return aliases
    .filter(({ model, shares }) => model === modelId || shares.some((share) => share.model === modelId))
    .map(({ name }) => name);
}

/** Where one name leads in the end; null where it leads nowhere that is known. */
export function finalModel(name: string, aliases: readonly AliasRecord[]): string | null {
  const seen = new Set<string>();
  let at = name;
  for (;;) {
    if (seen.has(at)) return null;
    seen.add(at);
    const alias = aliases.find((each) => each.name === at);
    if (alias === undefined) return at === name ? null : at;
    at = alias.model;
  }
}

/** Devices that may use only certain names, none of which leads anywhere else once the model has gone. */
export function keysOnlyFor(
  modelId: string,
  aliases: readonly AliasRecord[],
  keys: readonly KeyRecord[],
): KeyRecord[] {
  const lost = new Set([modelId, ...aliases.map(({ name }) => name).filter(leadsThere)]);
  function leadsThere(name: string): boolean {
    const alias = aliases.find((each) => each.name === name);
    return alias !== undefined && alias.fallback.length === 0 && finalModel(name, aliases) === modelId;
  }
  return keys.filter(
    ({ models, status }) =>
      status !== 'revoked' && models !== null && models.length > 0 && models.every((name) => lost.has(name)),
  );
}
