import type { GenerateRequest, ReasoningEffort } from './generate.ts';
import type { ModelDescription } from './model.ts';
import { matchOf, substitute } from './name-pattern.ts';

/** A name that stands for a model or for another name. What serves it is changed without touching a tool that uses it. */
export type Alias = {
  /** Exact, or with one `*` for any text; `*` alone is for every name that nobody else has. */
  readonly name: string;
  /**
   * The id of a model or another alias, where `*` stands for what the name's `*` stood for; null stands for the starter
   * model, whichever this version brings along.
   */
  readonly model: string | null;
  /** Tried in this order when the model cannot answer; ids or aliases as well. */
  readonly fallback: readonly string[];
  /** The four names of design decision 18: they can be pointed elsewhere but not removed. */
  readonly builtIn: boolean;
  /** Who shares the work with the model: empty, or `model` and others, each with its weight. */
  readonly shares: readonly Share[];
  readonly settings: AliasSettings;
};

/** Of all the weights together, so much of the conversations goes to this one. */
export type Share = { readonly model: string; readonly weight: number };

/** What is asked for where the client has not said; null leaves it to the model. */
export type AliasSettings = {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly maxTokens: number | null;
  readonly reasoningEffort: ReasoningEffort | null;
  /** Always put before the conversation, the client's own first message stays. */
  readonly systemPrompt: string | null;
};

export const noSettings: AliasSettings = {
  temperature: null,
  topP: null,
  maxTokens: null,
  reasoningEffort: null,
  systemPrompt: null,
};

/** Looks a name up, patterns included; null when it is no alias. */
export type FindAlias = (name: string) => Alias | null;

/** Puts those who share the work in the order to be tried; the first one's turn it is. */
export type Deal = (shares: readonly Share[]) => readonly string[];

/** Who has the greatest weight. */
const heaviestFirst: Deal = (shares) =>
  shares.toSorted((a, b) => b.weight - a.weight).map(({ model }) => model);

/** Named where the starter model is not there, so that the owner can be told what is missing. */
const usualStarterId = 'smollm2-135m-instruct';

/** The name or id an alias leads to first, whether or not it is there. */
export function aliasModel(alias: Alias, models: readonly ModelDescription[]): string {
  return alias.model ?? models.find(({ source }) => source === 'starter')?.id ?? usualStarterId;
}

/**
 * The alias that decides about a name. Exact names go before a model that came to bear the name later, so that tools keep
 * what they were given; patterns come after all models.
 */
export function aliasFor(
  name: string,
  models: readonly ModelDescription[],
  findAlias: FindAlias,
): Alias | null {
  const alias = findAlias(name);
  if (alias === null || !isPattern(alias)) return alias;
  return models.some(({ id }) => id === name) ? null : alias;
}

export function isPattern({ name }: Pick<Alias, 'name'>): boolean {
  return name.includes('*');
}

/**
 * Model ids in the order to be tried for this name, each once. Aliases of aliases are followed; loops are refused when an
 * alias is saved, and one that has come about later (a model between two patterns has gone) ends where it would begin anew.
 */
export function modelIdsFor(
  name: string,
  models: readonly ModelDescription[],
  { findAlias, deal = heaviestFirst }: { readonly findAlias: FindAlias; readonly deal?: Deal },
): readonly string[] {
  const expand = (wanted: string, seen: ReadonlySet<string>): readonly string[] => {
    const alias = aliasFor(wanted, models, findAlias);
    if (alias === null) return [wanted];
    // A name may stand for the model that bears it too (the best model is called `office`).
    if (seen.has(alias.name)) return models.some(({ id }) => id === wanted) ? [wanted] : [];
    const star = matchOf(alias.name, wanted) ?? '';
    const inside = new Set(seen).add(alias.name);
    return targetsOf(alias, models, deal).flatMap((target) => expand(substitute(target, star), inside));
  };
  return [...new Set(expand(name, new Set()))];
}

function targetsOf(alias: Alias, models: readonly ModelDescription[], deal: Deal): readonly string[] {
  const first = alias.shares.length === 0 ? [aliasModel(alias, models)] : deal(alias.shares);
  return [...first, ...alias.fallback];
}

/** The model that would answer for this name now: the first that is there and usable; null when there is none. */
export function servingModel(
  name: string,
  models: readonly ModelDescription[],
  findAlias: FindAlias,
): ModelDescription | null {
  for (const id of modelIdsFor(name, models, { findAlias })) {
    const model = models.find((candidate) => candidate.id === id && candidate.state !== 'failed');
    if (model !== undefined) return model;
  }
  return null;
}

/** The settings bound to a name; where an alias leads to another, what the first one leaves open is the second one's. */
export function settingsFor(
  name: string,
  models: readonly ModelDescription[],
  findAlias: FindAlias,
): AliasSettings {
  let settings = noSettings;
  const seen = new Set<string>();
  for (let wanted = name; ;) {
    const alias = aliasFor(wanted, models, findAlias);
    if (alias === null || seen.has(alias.name)) return settings;
    seen.add(alias.name);
    settings = filledUp(settings, alias.settings);
    wanted = substitute(aliasModel(alias, models), matchOf(alias.name, wanted) ?? '');
  }
}

function filledUp(first: AliasSettings, then: AliasSettings): AliasSettings {
  return {
    temperature: first.temperature ?? then.temperature,
    topP: first.topP ?? then.topP,
    maxTokens: first.maxTokens ?? then.maxTokens,
    reasoningEffort: first.reasoningEffort ?? then.reasoningEffort,
    systemPrompt: first.systemPrompt ?? then.systemPrompt,
  };
}

/** The request with an alias's settings where it says nothing itself; the same object where nothing changes. */
export function withSettings(request: GenerateRequest, settings: AliasSettings): GenerateRequest {
  if (settings === noSettings) return request;
  const { temperature, topP, maxTokens, reasoningEffort, systemPrompt } = settings;
  const { sampling, chat } = request;
  return {
    ...request,
    maxTokens: request.maxTokens ?? maxTokens,
    sampling: {
      ...sampling,
      temperature: sampling.temperature ?? temperature,
      topP: sampling.topP ?? topP,
    },
    ...(systemPrompt === null || request.raw !== undefined
      ? {}
      : { messages: [systemMessage(systemPrompt), ...request.messages] }),
    ...(reasoningEffort === null || request.raw !== undefined
      ? {}
      : { chat: { ...(chat ?? plainChat), reasoningEffort: chat?.reasoningEffort ?? reasoningEffort } }),
  };
}

function systemMessage(text: string): GenerateRequest['messages'][number] {
  return { role: 'system', content: [{ type: 'text', text }] };
}

const plainChat: NonNullable<GenerateRequest['chat']> = {
  responseFormat: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  reasoningEffort: null,
  templateArguments: {},
};
