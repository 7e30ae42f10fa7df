import { z } from 'zod';

const target = z.string().trim().min(1).max(200);

/** Of all the weights together, so much of the conversations goes to this model. */
const share = z.strictObject({ model: target, weight: z.number().positive().max(1000) });

/** What is asked for where the client has not said; null leaves it to the model. */
const aliasSettings = z.strictObject({
  temperature: z.number().min(0).max(2).nullable(),
  topP: z.number().gt(0).max(1).nullable(),
  maxTokens: z.number().int().min(1).max(10_000_000).nullable(),
  reasoningEffort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullable(),
  /** Put before every conversation. */
  systemPrompt: z.string().trim().min(1).max(20_000).nullable(),
});

/** A name teammates' tools use instead of a model's; what serves it is changed without touching a tool. */
export const aliasRecord = z.object({
  /** Exact, or with one `*` for any text; `*` alone answers for every name that nobody else has. */
  name: z.string(),
  /** A model or another alias; `*` in it is what the name's `*` stood for. */
  model: z.string(),
  /** Tried in order when the model cannot answer. */
  fallback: z.array(z.string()),
  /** The four names that exist from the start (design decision 18) cannot be removed, only pointed elsewhere. */
  builtIn: z.boolean(),
  /** Whether the starter model serves it: "test model, not for work". */
  isTestModel: z.boolean(),
  /** Who shares the work with the model, itself among them; empty for the model alone. */
  shares: z.array(share),
  settings: aliasSettings,
});
export type AliasRecord = z.infer<typeof aliasRecord>;
export const aliasList = z.array(aliasRecord);

/** `PUT /api/aliases/:name`; what is left out stays as it is, except shares where the model changes: they go. */
export const setAliasRequest = z.strictObject({
  model: target,
  fallback: z.array(target).max(10).optional(),
  shares: z.array(share).max(10).optional(),
  settings: aliasSettings.partial().optional(),
});

export type SetAliasRequest = z.infer<typeof setAliasRequest>;

/** A name that was asked for and that nobody has defined; `PUT /api/aliases/:name` points it at something. */
const unknownName = z.object({
  name: z.string(),
  requests: z.number().int(),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
  /** Name of the key that asked last; null where that key is gone. */
  key: z.string().nullable(),
});
export type UnknownNameRecord = z.infer<typeof unknownName>;
export const unknownNameList = z.array(unknownName);

/** `POST /api/aliases/usual-names`: the names tools have built in, each led to one of the four; names that exist stay. */
export const addedNames = z.object({
  added: z.array(z.string()),
  /** These led somewhere already, or a model bears them. */
  kept: z.array(z.string()),
});
export type AddedNames = z.infer<typeof addedNames>;

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

/** Names that tools and tutorials have built in, and which of the four each is led to. */
export const usualNames: readonly (readonly [name: string, role: keyof typeof roleNames])[] = [
  ['gpt-3.5-turbo', 'chat'],
  ['gpt-4', 'chat'],
  ['gpt-4-turbo', 'chat'],
  ['gpt-4o', 'chat'],
  ['gpt-4o-mini', 'chat'],
  ['gpt-4.1', 'chat'],
  ['gpt-4.1-mini', 'chat'],
  ['gpt-4.1-nano', 'chat'],
  ['gpt-5', 'chat'],
  ['gpt-5-mini', 'chat'],
  ['gpt-5-nano', 'chat'],
  ['gpt-5-codex', 'code'],
  ['text-embedding-3-small', 'embed'],
  ['text-embedding-3-large', 'embed'],
  ['text-embedding-ada-002', 'embed'],
];
