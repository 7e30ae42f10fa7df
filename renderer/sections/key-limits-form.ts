import type { KeyRecord, UpdateKeyRequest } from '../../server/wire/admin.ts';
import type { SetLimits } from '../../server/wire/limits.ts';
import { expiryDate, type ExpiryChoice } from './key-expiry.ts';
import {
  limitsChange,
  limitsProblems,
  limitsValues,
  newRowId,
  noLimits,
  under,
  type LimitsValues,
} from './key-limits-values.ts';
import type { Problems } from '../use-values.ts';

/** All that the owner can set for a device, as its form holds it. */
export type KeyValues = {
  readonly name: string;
  readonly person: string;
  readonly team: string;
  readonly paused: boolean;
  /** `keep`: as it is. */
  readonly expiry: ExpiryChoice | 'keep';
  readonly expiryDay: string;
  readonly limits: LimitsValues;
  readonly models: string[];
  readonly modelLimits: readonly ModelLimitsValues[];
  /** One address or range a line. */
  readonly ips: string;
  readonly mayLeave: boolean;
  readonly outside: boolean;
  readonly cache: boolean;
  readonly priority: KeyRecord['priority'];
  readonly labels: readonly LabelValues[];
  /** `keep`: as it is; `off`; else for so many days from now on. */
  readonly trace: TraceChoice;
};

export const traceChoices = ['keep', 'off', '1', '7', '30', '90'] as const;
export type TraceChoice = (typeof traceChoices)[number];

export type ModelLimitsValues = {
  readonly id: string;
  readonly model: string;
  readonly limits: LimitsValues;
};

export type LabelValues = { readonly id: string; readonly name: string; readonly value: string };

export function keyValues(key: KeyRecord): KeyValues {
  return {
    name: key.name,
    person: key.person ?? '',
    team: key.team ?? '',
    paused: key.pausedAt !== null,
    expiry: 'keep',
    expiryDay: '',
    limits: limitsValues(key.limits),
    models: key.models ?? [],
    modelLimits: Object.entries(key.modelLimits).map(([model, limits]) => ({
      id: newRowId(),
      model,
      limits: limitsValues(limits),
    })),
    ips: (key.ips ?? []).join('\n'),
    mayLeave: key.mayLeave,
    outside: key.outside,
    cache: key.cache,
    priority: key.priority,
    labels: Object.entries(key.labels).map(([name, value]) => ({ id: newRowId(), name, value })),
    trace: isTraced(key) ? 'keep' : 'off',
  };
}

/** By its own end, whatever the policy for the whole office says. */
export function isTraced({ traceUntil }: Pick<KeyRecord, 'traceUntil'>): boolean {
  return traceUntil !== null && Date.parse(traceUntil) > Date.now();
}

export function keyProblems(values: KeyValues): Problems {
  const { name, expiry, expiryDay, modelLimits, labels } = values;
  const isDayMissing = expiry === 'date' && expiryDate({ expiry, expiryDay }) === null;
  return {
    ...(name.trim() === '' ? { name: 'nameMissing' } : {}),
    ...(isDayMissing ? { expiryDay: 'dayMissing' } : {}),
    ...under('limits', limitsProblems(values.limits)),
    ...Object.assign(
      {},
      ...modelLimits.map(({ limits }, index) => under(`modelLimits.${index}.limits`, limitsProblems(limits))),
    ),
    ...listProblems(
      modelLimits.map(({ model }) => model),
      { path: (index) => `modelLimits.${index}.model`, missing: 'modelMissing' },
    ),
    ...listProblems(
      labels.map((label) => label.name.trim()),
      { path: (index) => `labels.${index}.name`, missing: 'labelMissing' },
    ),
  };
}

function listProblems(
  names: readonly string[],
  {
    path,
    missing,
  }: { readonly path: (index: number) => string; readonly missing: 'modelMissing' | 'labelMissing' },
): Problems {
  const problems = names.flatMap((name, index): readonly (readonly [string, Problems[string]])[] => {
    if (name === '') return [[path(index), missing]];
    return names.indexOf(name) < index ? [[path(index), 'sameName']] : [];
  });
  return Object.fromEntries(problems);
}

/** For values without problems: what is another than before. What another console changes meanwhile is not undone. */
export function keyChange(before: KeyRecord, values: KeyValues): UpdateKeyRequest {
  const ips = values.ips.split(/[\s,;]+/).filter((text) => text !== '');
  const after = {
    name: values.name.trim(),
    person: textOrNull(values.person),
    team: textOrNull(values.team),
    // No model at all can only be set by the API; a form that says nothing else leaves it.
    models: values.models.length === 0 && before.models?.length !== 0 ? null : values.models,
    ips: ips.length === 0 ? null : ips,
    mayLeave: values.mayLeave,
    outside: values.outside,
    cache: values.cache,
    priority: values.priority,
    labels: Object.fromEntries(values.labels.map(({ name, value }) => [name.trim(), value.trim()])),
  };
  const names = Object.keys(after) as (keyof typeof after)[];
  const limits = limitsChange(before.limits, values.limits);
  const modelLimits = modelLimitsChange(before.modelLimits, values.modelLimits);
  return {
    ...Object.fromEntries(
      names.filter((name) => !isSame(after[name], before[name])).map((name) => [name, after[name]]),
    ),
    ...(values.expiry === 'keep'
      ? {}
      : { expiresAt: expiryDate({ ...values, expiry: values.expiry })?.toISOString() ?? null }),
    ...(values.paused === (before.pausedAt !== null) ? {} : { paused: values.paused }),
    ...traceChange(before, values.trace),
    ...(limits === undefined ? {} : { limits }),
    ...(modelLimits === undefined ? {} : { modelLimits }),
  };
}

const dayMs = 86_400_000;

function traceChange(before: KeyRecord, choice: TraceChoice): UpdateKeyRequest {
  if (choice === 'keep') return {};
  if (choice === 'off') return isTraced(before) ? { traceUntil: null } : {};
  return { traceUntil: new Date(Date.now() + Number(choice) * dayMs).toISOString() };
}

function modelLimitsChange(
  before: KeyRecord['modelLimits'],
  after: readonly ModelLimitsValues[],
): Record<string, SetLimits | null> | undefined {
  const gone = Object.keys(before).filter((model) => !after.some((other) => other.model === model));
  const changed = after.flatMap(({ model, limits }) => {
    const change = limitsChange(before[model] ?? noLimits, limits);
    // A model without a limit yet is kept as such: there is nothing to be set for it.
    return change === undefined ? [] : [[model, change] as const];
  });
  if (gone.length + changed.length === 0) return undefined;
  return Object.fromEntries([...gone.map((model) => [model, null] as const), ...changed]);
}

/** Which field a refusal of the server means, and what it says there; null for one that is not in the form. */
export function refusedField(param: string | null, values: KeyValues): string | null {
  if (param === null) return null;
  const [first = '', ...rest] = param.split('.');
  if (first === 'expiresAt') return values.expiry === 'date' ? 'expiryDay' : 'expiry';
  if (first === 'traceUntil') return 'trace';
  if (first === 'limits') return param;
  if (first === 'modelLimits') return refusedModelField(param, values);
  if (first === 'labels') {
    const index = values.labels.findIndex(({ name }) => name.trim() === rest.join('.'));
    return index === -1 ? null : `labels.${index}.name`;
  }
  return Object.hasOwn(values, first) ? first : null;
}

/** The name of a model may have dots in it, and begin with the whole name of another. */
function refusedModelField(param: string, { modelLimits }: KeyValues): string | null {
  const meant = modelLimits
    .filter(({ model }) => `${param}.`.startsWith(`modelLimits.${model}.`))
    .toSorted((a, b) => b.model.length - a.model.length)[0];
  if (meant === undefined) return null;
  const index = modelLimits.indexOf(meant);
  const rest = param.slice(`modelLimits.${meant.model}.`.length);
  return rest === '' ? `modelLimits.${index}.model` : `modelLimits.${index}.limits.${rest}`;
}

function textOrNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}

/** The order of models and of labels says nothing. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const parts: unknown[] = Array.isArray(value) ? value : Object.entries(value);
  return parts.map((part) => JSON.stringify(part)).toSorted((a, b) => a.localeCompare(b));
}
