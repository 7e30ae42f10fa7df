import { isTimeZone } from '../core/local-time.ts';
import { invalidRequest } from '../core/errors.ts';
import {
  purgeRequest,
  retentionState,
  usageAnswer,
  usageDimensions,
  usageQuery,
  usageSteps,
  type PurgeRequest,
  type RetentionState,
  type UsageQuery,
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

async function showUsage({ context, query, response }: AdminCall<null, UsageQuery>): Promise<void> {
  const { by, from, to, zone: asked, order, top, format, percentiles, ...filters } = query;
  const zone = asked ?? context.status().timeZone;
  if (!isTimeZone(zone))
    throw invalidRequest('zone: a time zone by its name, such as Europe/Berlin.', 'zone');
  const question = {
    filters,
    dimensions: usageDimensions.filter((name) => by.includes(name)),
    step: usageSteps.find((name) => by.includes(name)) ?? null,
    zone,
    fromMs: from === undefined ? null : Date.parse(from),
    toMs: to === undefined ? null : Date.parse(to),
    hasPercentiles: percentiles,
  };
  const ask = { question, by, order, top: top ?? null, format };
  const { text, toMs } = await context.reader.read('usageText', ask);
  if (format === 'csv') {
    response.attachment(`inglenook-usage-${new Date(toMs).toISOString().slice(0, 10)}.csv`);
    response.type('text/csv; charset=utf-8; header=present');
  } else response.type('application/json');
  response.send(text);
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
