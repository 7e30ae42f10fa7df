import { AppError, invalidRequest } from '../core/errors.ts';
import {
  exportList,
  exportName,
  exportRecord,
  exportTest,
  setExportRequest,
  type ExportRecord,
  type ExportTest,
} from '../wire/exports.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** Where the log goes besides: PostgreSQL, collectors of traces, Langfuse. */
export const exportRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/exports',
    summary: 'All exports: how far each has come, when it last went well, and what is wrong.',
    answer: exportList,
    handle: ({ context }) => context.exports.list(),
  }),
  route({
    method: 'put',
    path: '/exports/:name',
    summary:
      'Send the log’s rows to a PostgreSQL database (no prompts), a collector of traces (OTLP over HTTP) or Langfuse. Where prompts is true, the latter two are given what was said in traced requests, masked; outside the office only of keys that may leave it. A new address forgets the secret unless one is given. A database gets the rows there are, too; the others those to come, unless history says otherwise.',
    needsRecentPassword: true,
    body: setExportRequest,
    answer: exportRecord,
    handle: ({ context, body, param }): Promise<ExportRecord> =>
      context.exports.set(requireName(param('name')), body),
  }),
  route({
    method: 'post',
    path: '/exports/:name/test',
    summary:
      'Try now whether it takes rows; the answer tells what came of it. What waits is then sent at once.',
    answer: exportTest,
    handle: test,
  }),
  route({
    method: 'delete',
    path: '/exports/:name',
    summary: 'Send no more rows there, and forget the secret. What has arrived stays there.',
    status: 204,
    handle: async ({ context, param }) => {
      if (!(await context.exports.remove(param('name')))) throw notFound(param('name'));
    },
  }),
];

async function test({ context, param, response }: AdminCall): Promise<ExportTest> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the page has gone')));
  const result = await context.exports.test(param('name'), gone.signal);
  if (result === null) throw notFound(param('name'));
  return result;
}

function requireName(name: string): string {
  const parsed = exportName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw invalidRequest(`An export’s name has ${parsed.error.issues[0]?.message}.`, 'name');
}

function notFound(name: string): AppError {
  return new AppError(`There is no export named “${name.slice(0, 200)}”.`, {
    status: 404,
    code: 'export_not_found',
    param: 'name',
  });
}
