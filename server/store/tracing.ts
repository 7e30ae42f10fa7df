import { z } from 'zod';
import { invalidRequest } from '../core/errors.ts';
import type { KeyPolicy } from '../core/policy.ts';
import type { Tracing } from '../core/trace.ts';
import { listExports } from './exports.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

/** Whose prompts and answers are kept, for how long, and what the devices are told of it. */

const dayMs = 86_400_000;
/** Where nobody has said until when: nobody must be traced because somebody forgot. */
const usualTraceMs = 30 * dayMs;
/** An end that lies so far off is none. */
const longestTraceMs = 366 * dayMs;

/**
 * The end of a key's tracing after such a change; null for not traced.
 * @throws AppError 400 for a time that has passed or is more than a year ahead
 */
export function changedTraceUntil(
  before: number | null,
  {
    trace,
    traceUntil,
  }: { readonly trace?: boolean | undefined; readonly traceUntil?: string | null | undefined },
  nowMs: number,
): number | null {
  if (trace === undefined && traceUntil === undefined) return before;
  if (traceUntil === null || traceUntil === undefined) {
    if (trace !== true) return null;
    return before !== null && before > nowMs ? before : nowMs + usualTraceMs;
  }
  if (trace === false)
    throw invalidRequest('trace is false, so there is no traceUntil to set.', 'traceUntil');
  const untilMs = Date.parse(traceUntil);
  if (untilMs > nowMs && untilMs <= nowMs + longestTraceMs) return untilMs;
  throw invalidRequest('Tracing ends at a time in the future, at most a year ahead.', 'traceUntil');
}

/** Whether what this key asks is kept now. The key's own end is told first: it is the nearer promise. */
export function tracingOf(
  store: Store,
  { traceUntilMs }: Pick<KeyPolicy, 'traceUntilMs'>,
  nowMs: number,
): Tracing | null {
  if (traceUntilMs !== null && traceUntilMs > nowMs) return { why: 'key', untilMs: traceUntilMs };
  return officeTracing(store) === 'all' ? { why: 'office', untilMs: null } : null;
}

// --- the office's policy --------------------------------------------------------------------------------------

const settingName = 'tracing';
const tracingSettings = z.object({
  office: z.enum(['off', 'all']).default('off'),
  notice: z.string().nullable().default(null),
  keepDays: z.int().min(1).max(365).default(30),
});
type TracingSettings = z.infer<typeof tracingSettings>;

/** For how many days traces may be kept. */
export const mostTraceDays = 365;
export const longestNotice = 500;

/** `all`: what every key asks is kept. */
export function officeTracing(store: Store): TracingSettings['office'] {
  return read(store).office;
}

export function setOfficeTracing(store: Store, office: TracingSettings['office']): void {
  setSetting(store, settingName, { ...read(store), office });
}

/** The owner's own sentence to the devices; null for ours. */
export function tracingNotice(store: Store): string | null {
  return read(store).notice;
}

export function setTracingNotice(store: Store, notice: string | null): void {
  setSetting(store, settingName, { ...read(store), notice });
}

export function traceKeepDays(store: Store): number {
  return read(store).keepDays;
}

/** Counts for what is kept already too. */
export function setTraceKeepDays(store: Store, keepDays: number): void {
  setSetting(store, settingName, { ...read(store), keepDays });
}

/** What who uses a traced key is told: in our words or the owner's own, and where else it goes. */
export function sentenceFor(store: Store, tracing: Tracing, key: Pick<KeyPolicy, 'mayLeave'>): string {
  const servers = tracePlaces(store, key);
  const keeping = keepingSentence(store, tracing);
  return servers.length === 0 ? keeping : `${keeping} They are also sent to ${servers.join(', ')}.`;
}

/** Hosts that are given what this key says, where it is kept. */
export function tracePlaces(store: Store, { mayLeave }: Pick<KeyPolicy, 'mayLeave'>): string[] {
  const given = listExports(store).filter((one) => one.prompts && (mayLeave || !one.mayLeave));
  return [...new Set(given.map(({ url }) => new URL(url).host))];
}

function keepingSentence(store: Store, tracing: Tracing): string {
  const days = traceKeepDays(store);
  const kept = `are kept, with secrets masked, for ${days === 1 ? 'one day' : `${days} days`}, and the owner of this Inglenook can read them`;
  if (tracing.why === 'office') {
    return tracingNotice(store) ?? `By the policy of this office all prompts and answers ${kept}.`;
  }
  return `Until ${new Date(tracing.untilMs).toISOString()} prompts and answers of this key ${kept}.`;
}

const read = settingReader(settingName, (value): TracingSettings => {
  const stored = tracingSettings.safeParse(value ?? {});
  return stored.success ? stored.data : tracingSettings.parse({});
});
