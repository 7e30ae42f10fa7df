import type { z } from 'zod';
import type { LeftOffice } from '../store/left-office.ts';
import { listKeys } from '../store/keys.ts';
import { leftOfficeList, leftOfficeQuery, queueList, type QueueList } from '../wire/queue.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Who waits, and what has left the office. */
export const queueRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/queue',
    summary: 'Who is being answered and who waits, model by model, with place and expected time.',
    answer: queueList,
    handle: showQueues,
  }),
  route({
    method: 'get',
    path: '/left-office',
    summary:
      'What was sent to engines outside the office, by engine and key; with `since` only from then on, else everything in the log.',
    query: leftOfficeQuery,
    answer: leftOfficeList,
    handle: showLeftOffice,
  }),
];

function showQueues({ context }: AdminCall): QueueList {
  const names = new Map(listKeys(context.store, context.clock.nowMs()).map(({ id, name }) => [id, name]));
  return context.queues().map(({ engine, model, task, slots, active, waiting }) => ({
    engine,
    model,
    task,
    slots,
    active,
    waiting: waiting.map(({ keyId, ...standing }) => ({ ...standing, key: names.get(keyId) ?? null })),
  }));
}

function showLeftOffice({
  context,
  query,
}: AdminCall<null, z.infer<typeof leftOfficeQuery>>): Promise<readonly LeftOffice[]> {
  return context.reader.read('leftOffice', query.since === undefined ? 0 : Date.parse(query.since));
}
