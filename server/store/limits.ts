import { z } from 'zod';
import { noLimits, usualPolicy, type KeyPolicy, type Limits } from '../core/policy.ts';
import { keyPolicy, limits as limitsSchema, type SetLimits } from '../wire/limits.ts';
import { changedTraceUntil } from './tracing.ts';

/** Limits as they are kept: JSON beside the key or team they are for. */

/** An older program has written less; what it did not know is as usual. */
const storedLimits = limitsSchema.partial();
const storedPolicy = keyPolicy
  .omit({ trace: true, traceUntil: true })
  .extend({
    limits: storedLimits,
    modelLimits: z.record(z.string(), storedLimits),
    traceUntilMs: z.number().nullable(),
  })
  .partial();

export function readLimits(json: string): Limits {
  return withDefaults(storedLimits.parse(JSON.parse(json)));
}

export function readPolicy(json: string): KeyPolicy {
  const stored = storedPolicy.parse(JSON.parse(json));
  return {
    labels: stored.labels ?? usualPolicy.labels,
    ips: stored.ips ?? null,
    priority: stored.priority ?? usualPolicy.priority,
    traceUntilMs: stored.traceUntilMs ?? null,
    mayLeave: stored.mayLeave ?? usualPolicy.mayLeave,
    outside: stored.outside ?? usualPolicy.outside,
    speaksForOthers: stored.speaksForOthers ?? usualPolicy.speaksForOthers,
    cache: stored.cache ?? usualPolicy.cache,
    limits: withDefaults(stored.limits ?? {}),
    modelLimits: mapValues(stored.modelLimits ?? {}, withDefaults),
  };
}

/** The limits with what was named changed; what is left out stays. */
export function changedLimits(before: Limits, change: SetLimits | undefined): Limits {
  if (change === undefined) return before;
  const pick = <Name extends 'requestsPerMinute' | 'burst' | 'tokensPerMinute' | 'maxParallel'>(name: Name) =>
    change[name] === undefined ? before[name] : change[name];
  return {
    requestsPerMinute: pick('requestsPerMinute'),
    burst: pick('burst'),
    tokensPerMinute: pick('tokensPerMinute'),
    maxParallel: pick('maxParallel'),
    budgets: change.budgets ?? before.budgets,
  };
}

/** Changes of a key's policy; what is left out stays. */
type PolicyChange = {
  readonly [Name in Exclude<keyof KeyPolicy, 'limits' | 'modelLimits' | 'traceUntilMs'>]?:
    | KeyPolicy[Name]
    | undefined;
} & {
  readonly trace?: boolean | undefined;
  readonly traceUntil?: string | null | undefined;
  readonly limits?: SetLimits | undefined;
  readonly modelLimits?: Readonly<Record<string, SetLimits | null>> | undefined;
};

/** @throws AppError 400 for an end of tracing that has passed or is too far off */
export function changedPolicy(before: KeyPolicy, change: PolicyChange, nowMs: number): KeyPolicy {
  const modelLimits = new Map(Object.entries(before.modelLimits));
  for (const [model, limits] of Object.entries(change.modelLimits ?? {})) {
    if (limits === null) modelLimits.delete(model);
    else modelLimits.set(model, changedLimits(modelLimits.get(model) ?? noLimits, limits));
  }
  return {
    labels: change.labels ?? before.labels,
    ips: change.ips === undefined ? before.ips : change.ips,
    priority: change.priority ?? before.priority,
    traceUntilMs: changedTraceUntil(before.traceUntilMs, change, nowMs),
    mayLeave: change.mayLeave ?? before.mayLeave,
    outside: change.outside ?? before.outside,
    speaksForOthers: change.speaksForOthers ?? before.speaksForOthers,
    cache: change.cache ?? before.cache,
    limits: changedLimits(before.limits, change.limits),
    modelLimits: Object.fromEntries(modelLimits),
  };
}

/** The policy alone, of an object that has more. */
export function policyOf(of: KeyPolicy): KeyPolicy {
  const { labels, ips, priority, traceUntilMs, mayLeave, outside, speaksForOthers, cache } = of;
  const { limits, modelLimits } = of;
  return {
    labels,
    ips,
    priority,
    traceUntilMs,
    mayLeave,
    outside,
    speaksForOthers,
    cache,
    limits,
    modelLimits,
  };
}

function withDefaults(stored: z.infer<typeof storedLimits>): Limits {
  return {
    requestsPerMinute: stored.requestsPerMinute ?? null,
    burst: stored.burst ?? null,
    tokensPerMinute: stored.tokensPerMinute ?? null,
    maxParallel: stored.maxParallel ?? null,
    budgets: stored.budgets ?? [],
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
