import type { UpdateModelRequest, WireModel } from '../../server/wire/admin.ts';

/** The settings of a model as a form holds them: a number field that is empty, or half typed, is a string. */

type Settings = WireModel['settings'];

export type SettingsForm = {
  pinned: boolean;
  preload: boolean;
  keepAliveMinutes: number | string;
  /** Whether the computer shares the memory out, or the owner. */
  sharing: 'automatic' | 'own';
  slots: number | string;
  contextTokens: number | string;
};

/** Where the computer shares the memory out, the fields begin with what it has chosen. */
export function formOf({ settings, ...present }: WireModel): SettingsForm {
  const isAutomatic = settings.slots === null && settings.contextTokens === null;
  const { slots, contextTokens } = isAutomatic ? present : settings;
  const most = mostContextOf(present) ?? Number.POSITIVE_INFINITY;
  return {
    pinned: settings.pinned,
    preload: settings.preload,
    keepAliveMinutes: settings.keepAliveMinutes ?? '',
    sharing: isAutomatic ? 'automatic' : 'own',
    slots: slots ?? '',
    contextTokens: contextTokens === null ? '' : Math.min(contextTokens, most),
  };
}

/** The longest conversation that the model was made for; null where its file does not tell. */
export function mostContextOf({ header }: Pick<WireModel, 'header'>): number | null {
  return header?.trainContextTokens ?? null;
}

/** How long a conversation may be that was wished for and is not; null where it is as wished, or not loaded. */
export function servedLess({ settings, contextTokens, header }: WireModel): {
  readonly wanted: number;
  readonly served: number;
  readonly because: 'model' | 'memory';
} | null {
  const wanted = settings.contextTokens;
  if (wanted === null || contextTokens === null || contextTokens >= wanted) return null;
  const most = mostContextOf({ header }) ?? Number.POSITIVE_INFINITY;
  return { wanted, served: contextTokens, because: contextTokens >= most ? 'model' : 'memory' };
}

const leastStep = 2048;

/** 2,048, 4,096 … up to what the model was made for. */
export function contextSteps(most: number): number[] {
  const steps: number[] = [];
  for (let tokens = leastStep; tokens < most; tokens *= 2) steps.push(tokens);
  return [...steps, Math.max(most, leastStep)];
}

/** The place of the step that is nearest. */
export function nearestStep(tokens: number, steps: readonly number[]): number {
  const distances = steps.map((step) => Math.abs(Math.log2(step) - Math.log2(Math.max(1, tokens))));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}

/** Null for a field that leaves it to the computer. */
export function numberOf(value: number | string): number | null {
  if (typeof value === 'number') return value;
  const number = Number(value);
  return value.trim() === '' || !Number.isFinite(number) ? null : number;
}

/** Only what is another than before: a change of the last two loads the model anew. */
export function changeOf(before: Settings, form: SettingsForm): UpdateModelRequest {
  const isOwn = form.sharing === 'own';
  const after: Settings = {
    pinned: form.pinned,
    preload: form.preload,
    keepAliveMinutes: numberOf(form.keepAliveMinutes),
    slots: isOwn ? numberOf(form.slots) : null,
    contextTokens: isOwn ? numberOf(form.contextTokens) : null,
  };
  const names = Object.keys(after) as (keyof Settings)[];
  return Object.fromEntries(
    names.filter((name) => after[name] !== before[name]).map((name) => [name, after[name]]),
  );
}
