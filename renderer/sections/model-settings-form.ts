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
  return {
    pinned: settings.pinned,
    preload: settings.preload,
    keepAliveMinutes: settings.keepAliveMinutes ?? '',
    sharing: isAutomatic ? 'automatic' : 'own',
    slots: slots ?? '',
    contextTokens: contextTokens ?? '',
  };
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
