import { z } from 'zod';

/** A name teammates' tools use instead of a model's; what serves it is changed without touching a tool. */
export const aliasRecord = z.object({
  name: z.string(),
  model: z.string(),
  /** Tried in order when the model cannot answer. */
  fallback: z.array(z.string()),
  /** The four names that exist from the start (design decision 18) cannot be removed, only pointed elsewhere. */
  builtIn: z.boolean(),
  /** Whether the starter model serves it: "test model, not for work". */
  isTestModel: z.boolean(),
});
export type AliasRecord = z.infer<typeof aliasRecord>;
export const aliasList = z.array(aliasRecord);

/** `PUT /api/aliases/:name`; a fallback list that is left out stays as it is. */
export const setAliasRequest = z.strictObject({
  model: z.string().trim().min(1).max(200),
  fallback: z.array(z.string().trim().min(1).max(200)).max(10).optional(),
});

export type SetAliasRequest = z.infer<typeof setAliasRequest>;

/** The answer to it. */
export const savedAlias = aliasRecord.extend({
  /** Things the owner should know, for instance that the model does not exist yet. */
  warnings: z.array(z.string()),
});
export type SavedAlias = z.infer<typeof savedAlias>;

/** The four names of design decision 18, by the role a tool uses them for. */
export const roleNames = {
  chat: 'office',
  code: 'office-code',
  autocomplete: 'office-autocomplete',
  embed: 'office-embed',
} as const;
