import { isTimeZone, type TimeStep } from '../core/local-time.ts';
import { invalidRequest } from '../core/errors.ts';
import { usageTable } from '../store/ledger/table.ts';
import { currencyOf } from '../store/prices.ts';
import {
  purgeRequest,
  retentionState,
  usageAnswer,
  usageDimensions,
  usageQuery,
  usageSteps,
  type PurgeRequest,
  type RetentionState,
  type UsageAnswer,
  type UsageQuery,
  type UsageRow,
} from '../wire/usage.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** What was used, and how long that is known. */
export const usageRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/usage',
    summary:
      'Sums of the log: requests, tokens, cost, percentiles, how many at once; in all, or split by hour, day, week, month of a time zone and by key, person, team, model, engine, status.',
    query: usageQuery,
    answer: usageAnswer,
    alsoAnswers: 'text/csv',
    handle: showUsage,
  }),
  route({
    method: 'get',
    path: '/retention',
    summary: 'How long requests and sums are kept, what the log takes, and how the last purge went.',
    answer: retentionState,
    handle: ({ context }) => context.retention.state(),
  }),
  route({
    method: 'post',
    path: '/retention/purge',
    summary:
      'Removes older requests or sums for good. Answers when it is done, or after 20 s with the state so far; it then goes on.',
    body: purgeRequest,
    answer: retentionState,
    handle: purge,
  }),
];

async function showUsage({ context, query, response }: AdminCall<null, UsageQuery>): Promise<unknown> {
  const { by, from, to, zone: asked, order, top, format, ...filters } = query;
  const zone = asked ?? context.status().timeZone;
  if (!isTimeZone(zone))
    throw invalidRequest('zone: a time zone by its name, such as Europe/Berlin.', 'zone');
  const step = usageSteps.find((name) => by.includes(name)) ?? null;
  const { rows, fromMs, toMs, turnedAway } = await context.reader.read('usage', {
    filters,
    dimensions: usageDimensions.filter((name) => by.includes(name)),
    step,
    zone,
    fromMs: from === undefined ? null : Date.parse(from),
    toMs: to === undefined ? null : Date.parse(to),
  });
  const shown = ordered(rows, step, order).slice(0, top ?? rows.length);
  if (format === 'csv') {
    response.attachment(`inglenook-usage-${new Date(toMs).toISOString().slice(0, 10)}.csv`);
    response.type('text/csv; charset=utf-8; header=present').send(usageTable(shown, by));
    return undefined;
  }
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    zone,
    currency: currencyOf(context.store),
    rows: shown,
    turnedAway,
  } satisfies UsageAnswer;
}

/** Within a step of time, and where there is none: the most first. */
function ordered(rows: readonly UsageRow[], step: TimeStep | null, order: UsageQuery['order']): UsageRow[] {
  const amount = (row: UsageRow): number => {
    switch (order) {
      case 'requests':
      case 'cost':
      case 'errors':
        return row[order];
      case 'tokens':
        return row.promptTokens + row.completionTokens;
    }
  };
  const startOf = (row: UsageRow): number => (step === null ? 0 : Date.parse(row.start ?? ''));
  return rows.toSorted((a, b) => startOf(a) - startOf(b) || amount(b) - amount(a) || b.requests - a.requests);
}

const longestWaitMs = 20_000;

async function purge({ context, body }: AdminCall<PurgeRequest>): Promise<RetentionState> {
  const { requestsBefore, usageBefore } = body;
  if (requestsBefore === undefined && usageBefore === undefined) {
    throw invalidRequest('Say from when on things are kept: requestsBefore, usageBefore, or both.');
  }
  const done = context.retention.purge({
    ...(requestsBefore === undefined ? {} : { requests: { beforeMs: Date.parse(requestsBefore) } }),
    ...(usageBefore === undefined ? {} : { usageBeforeMs: Date.parse(usageBefore) }),
  });
  const timer = Promise.withResolvers<void>();
  const timeout = setTimeout(timer.resolve, longestWaitMs).unref();
  await Promise.race([done, timer.promise]);
  clearTimeout(timeout);
  return context.retention.state();
}
