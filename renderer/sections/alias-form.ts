import type { AliasRecord, SetAliasRequest } from '../../server/wire/aliases.ts';
import { numberOf } from './model-settings-form.ts';

/** A name as its form holds it: a number field that is empty, or half typed, is a string. */

type Settings = AliasRecord['settings'];
type Effort = NonNullable<Settings['reasoningEffort']>;

export const efforts = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
] as const satisfies readonly Effort[];

export type AliasForm = {
  name: string;
  model: string;
  fallback: { model: string }[];
  /** Of the model itself; it counts where others share the work. */
  weight: number | string;
  others: { model: string; weight: number | string }[];
  temperature: number | string;
  topP: number | string;
  maxTokens: number | string;
  /** Empty: left to the tool. */
  reasoningEffort: Effort | '';
  systemPrompt: string;
};

/** Of a new name, which leads to `model` at first. */
export function newAlias(name: string, model: string): AliasForm {
  return {
    name,
    model,
    fallback: [],
    weight: 1,
    others: [],
    temperature: '',
    topP: '',
    maxTokens: '',
    reasoningEffort: '',
    systemPrompt: '',
  };
}

export function aliasFormOf({ name, model, fallback, shares, settings }: AliasRecord): AliasForm {
  return {
    name,
    model,
    fallback: fallback.map((one) => ({ model: one })),
    weight: shares.find((share) => share.model === model)?.weight ?? 1,
    others: shares.filter((share) => share.model !== model),
    temperature: settings.temperature ?? '',
    topP: settings.topP ?? '',
    maxTokens: settings.maxTokens ?? '',
    reasoningEffort: settings.reasoningEffort ?? '',
    systemPrompt: settings.systemPrompt ?? '',
  };
}

/** Everything, since the form shows everything. */
export function wishOf(form: AliasForm): SetAliasRequest & { readonly name: string } {
  const { model, others } = form;
  return {
    name: form.name.trim(),
    model,
    fallback: form.fallback.map((one) => one.model),
    shares:
      others.length === 0
        ? []
        : [{ model, weight: form.weight }, ...others].map((share) => ({
            model: share.model,
            weight: numberOf(share.weight) ?? 1,
          })),
    settings: {
      temperature: numberOf(form.temperature),
      topP: numberOf(form.topP),
      maxTokens: numberOf(form.maxTokens),
      reasoningEffort: form.reasoningEffort === '' ? null : form.reasoningEffort,
      systemPrompt: form.systemPrompt.trim() === '' ? null : form.systemPrompt.trim(),
    },
  };
}

/** Whether something stands under “More options” that must not be overlooked. */
export function hasMore({ others, fallback, ...form }: AliasForm): boolean {
  const { temperature, topP, maxTokens, reasoningEffort, systemPrompt } = form;
  const isBound = [temperature, topP, maxTokens, reasoningEffort, systemPrompt].some((value) => value !== '');
  return others.length > 0 || fallback.length > 0 || isBound;
}

/** How the work is divided, in percent, the model itself first; empty for the model alone. */
export function percentOf(shares: AliasRecord['shares']): { model: string; percent: number }[] {
  const all = shares.reduce((sum, { weight }) => sum + weight, 0);
  return shares.map(({ model, weight }) => ({ model, percent: (100 * weight) / all }));
}
