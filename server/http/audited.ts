import type { Request } from 'express';
import type { AuditActor, AuditDetails, AuditEntry, AuditOutcome, AuditVia } from '../core/audit.ts';
import { toAppError } from '../core/errors.ts';
import type { Companion, Store } from '../store/open.ts';
import type { AdminCaller } from './admin-auth.ts';
import type { AdminCall, AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import type { ActDefinition, Looked } from './audit-acts.ts';

/** One visit to an audited route, filled in as it becomes known. */
export type Visit = {
  readonly route: AdminRoute;
  readonly request: Request;
  readonly ip: string;
  caller: AdminCaller | null;
  /** Null until everything the handler gets is checked. */
  call: AdminCall | null;
};

/** Bounds what strangers can write: so many refusals each ten minutes, the rest are counted. */
const mostStrangers = 60;
const strangersWithinMs = 10 * 60_000;

/** Writes every act of the admin API to the audit, whatever comes of it. */
export type Auditor = <Result>(
  definition: ActDefinition,
  visit: Visit,
  work: (prepared: (call: AdminCall) => void) => Promise<Result>,
) => Promise<Result>;

/**
 * The one place from which the admin API reaches the audit. The row is part of the transaction of the act's first
 * change; what changes nothing in the database (loading a model, a refusal) gets its row when it ends. An act that goes
 * wrong after its first change has two rows, `done` and `failed`.
 */
export function createAuditor(context: AdminContext): Auditor {
  const strangers = createStrangerLimit(context.clock.monotonicMs);
  return async (definition, visit, work) => {
    let before: Looked | null = null;
    const entry = (outcome: AuditOutcome, code: string | null = null): AuditEntry => ({
      ...whoIs(visit, outcome),
      ip: visit.ip,
      client: visit.request.headers['user-agent'] ?? null,
      act: definition.act,
      outcome,
      code,
      ...whatIs(context, {
        definition,
        visit,
        before,
        outcome,
        told: { ...tokenOf(visit), ...companion.told },
      }),
    });
    const isPart = definition.isPart === true;
    const companion: Companion = { pending: isPart ? null : () => context.audit.append(entry('done')) };
    const prepared = (call: AdminCall): void => {
      visit.call = call;
      before = lookBefore(context, definition, call);
    };
    try {
      const result = await context.store.companion.run(companion, () => work(prepared));
      if (companion.pending !== null) context.audit.appendLate(entry('done'));
      return result;
    } catch (error) {
      const { status, code } = toAppError(error);
      const isRefusal = status < 500 && (isPart || companion.pending !== null);
      const row = entry(isRefusal ? 'refused' : 'failed', code);
      if (row.actor !== 'stranger') context.audit.appendLate(row);
      else strangers(row, context.audit.appendLate);
      throw error;
    } finally {
      companion.pending = null;
    }
  };
}

/**
 * Writes the row of the act that is under way before its handler goes on, with what else is to be told: for handlers
 * that show what others said, which nobody sees without the row.
 * @throws what the store throws; then nothing may be shown
 */
export function writeActNow(store: Store, told: AuditDetails = {}): void {
  const companion = store.companion.getStore();
  if (companion === undefined) throw new Error('No act is under way.');
  const append = companion.pending;
  if (append === null) return;
  companion.told = told;
  // Else its own transaction would take it along a second time.
  companion.pending = null;
  try {
    append();
  } catch (error) {
    companion.pending = append;
    throw error;
  }
}

function whoIs(
  { route, caller }: Visit,
  outcome: AuditOutcome,
): { readonly actor: AuditActor; readonly via: AuditVia | null } {
  if (caller !== null) return { actor: 'owner', via: caller.via };
  // Who gets through a public route has shown the password or the set-up link.
  const isIn = route.access === 'public' && outcome === 'done';
  return isIn ? { actor: 'owner', via: 'password' } : { actor: 'stranger', via: null };
}

/** Whose of several scripts it was. */
function tokenOf({ caller }: Visit): AuditDetails {
  return caller?.via === 'token' && caller.named !== null ? { token: caller.named.name } : {};
}

type Told = {
  readonly told: AuditDetails;
  readonly definition: ActDefinition;
  readonly visit: Visit;
  readonly before: Looked | null;
  readonly outcome: AuditOutcome;
};

/** The object and what has changed of it. */
function whatIs(
  context: AdminContext,
  { definition, visit, before, outcome, told }: Told,
): { readonly object: string | null; readonly details: AuditDetails } {
  const { call } = visit;
  if (call === null) return { object: pathName(visit), details: tokenOf(visit) };
  const target = targetOf(definition, call);
  const after = outcome === 'done' ? look(context, definition, before?.id ?? target) : null;
  const fields = fieldsOf(call.body);
  return {
    object: before?.name ?? after?.name ?? target,
    details: {
      ...(fields.length === 0 ? {} : { fields }),
      ...changesBetween(before?.facts ?? null, after?.facts ?? null),
      ...told,
    },
  };
}

function lookBefore(context: AdminContext, definition: ActDefinition, call: AdminCall): Looked | null {
  return definition.isNew === true ? null : look(context, definition, targetOf(definition, call));
}

function look(context: AdminContext, definition: ActDefinition, target: string | null): Looked | null {
  if (definition.look === undefined || target === null) return null;
  try {
    return definition.look(context, target);
  } catch (error) {
    // The act itself says what is wrong; that it took place is written all the same.
    context.log.warn('What an act was done to could not be looked up for the audit.', {
      act: definition.act,
      error,
    });
    return null;
  }
}

function targetOf(definition: ActDefinition, call: AdminCall): string | null {
  if (definition.target !== undefined) return definition.target(call);
  const [name] = Object.keys(call.request.params);
  return name === undefined ? null : call.param(name);
}

function pathName({ request }: Visit): string | null {
  const [value] = Object.values(request.params);
  return value === undefined ? null : String(value);
}

/** The names alone: their values are told only where `look` names them. */
function fieldsOf(body: unknown): string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  return Object.entries(body).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

type Facts = Readonly<Record<string, unknown>>;

function changesBetween(before: Facts | null, after: Facts | null): AuditDetails {
  if (after === null) return {};
  if (before === null) return { set: after };
  const changed = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  if (changed.length === 0) return {};
  const changes = changed.map((name) => [name, { from: before[name] ?? null, to: after[name] ?? null }]);
  return { changes: Object.fromEntries(changes) as Facts };
}

/** Tells of the first ones by rows of their own, and of the rest by their number. */
function createStrangerLimit(
  monotonicMs: () => number,
): (row: AuditEntry, append: (row: AuditEntry) => void) => void {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let written = 0;
  let unwritten = 0;
  return (row, append) => {
    const nowMs = monotonicMs();
    if (nowMs - sinceMs >= strangersWithinMs) {
      sinceMs = nowMs;
      written = 0;
    }
    if (written >= mostStrangers) {
      unwritten += 1;
      return;
    }
    written += 1;
    append(unwritten === 0 ? row : { ...row, details: { ...row.details, moreRefusedBefore: unwritten } });
    unwritten = 0;
  };
}
