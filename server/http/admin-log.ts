import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { Response } from 'express';
import { AppError } from '../core/errors.ts';
import { logHead } from '../store/ledger/table.ts';
import type { PageQuestion, RowsText } from '../store/threads/read-jobs.ts';
import { logPage, logQuery, logRow, serverStatus, type LogQuery } from '../wire/admin.ts';
import {
  countQuery,
  exportQuery,
  requestsCount,
  requestsPage,
  requestsQuery,
  type CountQuery,
  type ExportQuery,
  type RequestsPage,
  type RequestsQuery,
} from '../wire/usage.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** Rows fetched and written at a time. */
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
  route({
    method: 'get',
    path: '/requests',
    summary:
      'The log in pages, newest first; `next` of one page is the `cursor` of the following one, also while rows arrive.',
    query: requestsQuery,
    answer: requestsPage,
    handle: showPage,
  }),
  route({
    method: 'get',
    path: '/requests/count',
    summary: 'How many requests of the log fit; as many as an export of the same would have.',
    query: countQuery,
    answer: requestsCount,
    handle: ({ context, query }: AdminCall<null, CountQuery>) => context.reader.read('count', query),
  }),
  route({
    method: 'get',
    path: '/requests/export',
    summary: 'Everything in the log that fits, as a CSV or JSON file, newest first.',
    query: exportQuery,
    answer: logPage,
    alsoAnswers: 'text/csv',
    handle: writeExport,
  }),
  route({
    method: 'get',
    path: '/requests/:id',
    summary: 'One request, by its id (`x-request-id` of the answer).',
    answer: logRow,
    handle: ({ context, param }) => showRequest(context, param('id')),
  }),
];

async function showPage({ context, query }: AdminCall<null, RequestsQuery>): Promise<RequestsPage> {
  const { limit, cursor, ...filters } = query;
  const [timeMs = '', seq = ''] = cursor?.split('.') ?? [];
  const from = cursor === undefined ? null : { timeMs: Number(timeMs), seq: Number(seq) };
  const { rows, next } = await context.reader.read('page', { filters, limit, from });
  return {
    requests: rows.map((row) => ({ ...row, tried: [...row.tried], dropped: [...row.dropped] })),
    next: next === null ? null : `${next.timeMs}.${next.seq}`,
  };
}

async function showRequest({ reader }: AdminContext, id: string) {
  const row = await reader.read('request', id.slice(0, 200));
  if (row !== null) return row;
  throw new AppError('There is no request with this id in the log. It may have been removed by its age.', {
    status: 404,
    code: 'request_not_found',
    param: 'id',
  });
}

async function writeLog({ context, query, response }: AdminCall<null, LogQuery>): Promise<void> {
  const { limit, before, ...filters } = query;
  const ask = { filters, limit, from: before ?? null };
  await writeRows(context, response, ask, 'json');
}

async function writeExport({ context, query, response }: AdminCall<null, ExportQuery>): Promise<void> {
  const { format, ...filters } = query;
  const day = new Date(context.clock.nowMs()).toISOString().slice(0, 10);
  response.attachment(`inglenook-log-${day}.${format}`);
  await writeRows(context, response, { filters, limit: Number.MAX_SAFE_INTEGER, from: null }, format);
}

/**
 * Writes rows in pieces as the reader takes them, so that millions neither fill the memory nor keep others waiting. The
 * first piece is read before anything is written, so a wrong `before` still gets its 400.
 */
async function writeRows(
  { reader, log }: AdminContext,
  response: Response,
  ask: PageQuestion,
  format: 'json' | 'csv',
): Promise<void> {
  let left = ask.limit;
  const readPiece = (from: PageQuestion['from']): Promise<RowsText> =>
    reader.read('rowsText', { ...ask, format, from, limit: Math.min(left, rowsAtOnce) });
  let piece = await readPiece(ask.from);
  response.type(format === 'json' ? 'application/json' : 'text/csv; charset=utf-8; header=present');
  response.write(format === 'json' ? '[' : logHead);
  let separator = '';
  try {
    for (;;) {
      if (piece.count > 0) await writeGently(response, separator + piece.text);
      if (piece.count > 0 && format === 'json') separator = ',\n';
      left -= piece.count;
      if (response.destroyed || piece.next === null || left <= 0) break;
      piece = await readPiece(piece.next);
    }
  } catch (error) {
    // Half a file must not look like a whole one.
    log.error('An export of the log was broken off.', { error });
    response.destroy();
    return;
  }
  response.end(format === 'json' ? ']' : '');
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
