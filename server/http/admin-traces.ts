import { AppError } from '../core/errors.ts';
import type { DoomedTraces } from '../store/traces/forget.ts';
import type { StoredTrace, TraceFilters, TraceHead, TraceSeek } from '../store/traces/rows.ts';
import {
  forgetTracesQuery,
  forgottenTraces,
  searchTracesRequest,
  traceRecord,
  tracesFound,
  tracesPage,
  tracesQuery,
  type ForgetTracesQuery,
  type SearchTracesRequest,
  type TraceRecord,
  type TracesFound,
  type TracesPage,
  type TracesQuery,
  type WireTraceHead,
} from '../wire/traces.ts';
import { requireKey } from './admin-keys.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { writeActNow } from './audited.ts';

/**
 * Kept prompts. Whoever reads or searches them stands in the audit before anything is shown; which there are (without a
 * word of what was said) is no more than the log tells.
 */
export const traceRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/traces',
    summary: 'Of which requests the prompts are kept, newest first, without what was said.',
    query: tracesQuery,
    answer: tracesPage,
    handle: list,
  }),
  route({
    method: 'post',
    path: '/traces/search',
    summary:
      'Search what was asked and answered. The audit tells that it was done and what was found, not the words.',
    body: searchTracesRequest,
    answer: tracesFound,
    handle: search,
  }),
  route({
    method: 'get',
    path: '/traces/:requestId',
    summary: 'What was asked and answered in one request, masked. Each reading is a row of the audit.',
    answer: traceRecord,
    handle: read,
  }),
  route({
    method: 'delete',
    path: '/traces/:requestId',
    summary: 'Erase what is kept of one request.',
    answer: forgottenTraces,
    handle: async ({ context, param }) => {
      const erased = await context.traces.forget({ requestId: param('requestId') });
      if (erased === 0) throw notKept();
      return { erased };
    },
  }),
  route({
    method: 'delete',
    path: '/traces',
    summary: 'Erase what is kept of a key, a person, or everybody, for good.',
    query: forgetTracesQuery,
    answer: forgottenTraces,
    handle: async ({ context, query }) => ({ erased: await context.traces.forget(doomedBy(context, query)) }),
  }),
];

async function list({ context, query }: AdminCall<null, TracesQuery>): Promise<TracesPage> {
  const { rows, next } = await context.traces.ask('list', seekOf(context, query));
  return { traces: rows.map(toWireHead), next: next === null ? null : String(next) };
}

async function search({ context, body }: AdminCall<SearchTracesRequest>): Promise<TracesFound> {
  const { words } = body;
  const { rows, hits, next } = await context.traces.ask('search', { words, seek: seekOf(context, body) });
  writeActNow(context.store, { hits });
  return {
    traces: rows.map(({ excerpt, ...head }) => ({ ...toWireHead(head), excerpt })),
    hits,
    next: next === null ? null : String(next),
  };
}

async function read({ context, param }: AdminCall): Promise<TraceRecord> {
  const ask = { requestId: param('requestId'), sinceMs: context.traces.sinceMs() };
  const trace = await context.traces.ask('read', ask);
  if (trace === null) throw notKept();
  writeActNow(context.store, { key: trace.keyName, person: trace.person });
  return toWireTrace(trace);
}

function doomedBy(context: AdminContext, { key, person }: ForgetTracesQuery): DoomedTraces {
  if (key !== undefined) return { keyId: requireKey(context, key).id };
  return person === undefined ? 'all' : { person, keyIds: [] };
}

type Asked = { readonly limit: number; readonly cursor?: string | undefined } & {
  readonly [Name in 'key' | 'person' | 'model' | 'since' | 'until']?: string | undefined;
};

function seekOf({ traces }: AdminContext, { limit, cursor, since, until, ...rest }: Asked): TraceSeek {
  const keptMs = traces.sinceMs();
  const filters: TraceFilters = {
    key: rest.key,
    person: rest.person,
    model: rest.model,
    sinceMs: since === undefined ? keptMs : Math.max(keptMs, Date.parse(since)),
    untilMs: until === undefined ? undefined : Date.parse(until),
  };
  return { filters, limit, beforeSeq: cursor === undefined ? null : Number(cursor) };
}

function toWireHead({ seq: _seq, timeMs, keyName, size, ...head }: TraceHead): WireTraceHead {
  return { ...head, time: new Date(timeMs).toISOString(), key: keyName, characters: size };
}

export function toWireTrace({ asked, answered, ...head }: StoredTrace): TraceRecord {
  return { ...toWireHead(head), asked: [...asked], answered: [...answered] };
}

function notKept(): AppError {
  return new AppError(
    'Nothing is kept of this request: its key was not traced, its time is over, or it was erased.',
    { status: 404, code: 'trace_not_found', param: 'requestId' },
  );
}
