import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Response } from 'express';
import { listRequests } from '../store/requests.ts';
import { logPage, logQuery, serverStatus } from '../wire/admin.ts';
import type { LogQuery } from '../wire/admin.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Rows fetched and written at a time: some milliseconds of work, then others have their turn. */
const rowsAtOnce = 500;

export const logRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/status',
    summary: 'The server at a glance.',
    answer: serverStatus,
    handle: ({ context }) => context.status(),
  }),
  route({
    method: 'get',
    path: '/log',
    summary:
      'Finished requests, newest first. `before` (the last id of the page before) gives the next page.',
    query: logQuery,
    answer: logPage,
    handle: writeLog,
  }),
];

/**
 * Writes one JSON array in pieces, so that 100,000 rows neither fill the memory nor keep others waiting. The
 * first page is read before anything is written, so a wrong `before` still gets its 400.
 */
async function writeLog({ context, query, response }: AdminCall<null, LogQuery>): Promise<void> {
  let left = query.limit;
  let rows = listRequests(context.store, { ...query, limit: Math.min(left, rowsAtOnce) });
  response.type('application/json').write('[');
  let separator = '';
  for (;;) {
    const text = rows.map((row) => JSON.stringify(row)).join(',\n');
    if (text !== '') await writeGently(response, separator + text);
    separator = ',\n';
    left -= rows.length;
    const last = rows.at(-1);
    if (response.destroyed || last === undefined || left <= 0 || rows.length < rowsAtOnce) break;
    rows = listRequests(context.store, { ...query, before: last.id, limit: Math.min(left, rowsAtOnce) });
  }
  response.end(']');
}

async function writeGently(response: Response, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) {
    await setImmediate();
    return;
  }
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once('close', onClose);
  // Rejects only because the reader has gone, which the caller sees by `destroyed`.
  await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  response.off('close', onClose);
}
