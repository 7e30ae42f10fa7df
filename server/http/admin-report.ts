import { createHash } from 'node:crypto';
import { reportQuery, securityReport, type ReportQuery, type SecurityReport } from '../wire/report.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import { gatherReport } from './report/gather.ts';
import { renderReport, reportStyle } from './report/page.ts';

/** The one button that makes the page a security review asks for. */
export const reportRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/security-report',
    summary:
      'A dated page to print: where data lie, who holds keys, limits, how long what is kept, what left the office, and whether the audit is whole. `format=json` gives the same as data.',
    query: reportQuery,
    answer: securityReport,
    alsoAnswers: 'text/html',
    handle: send,
  }),
];

const stylePolicy = `'sha256-${createHash('sha256').update(reportStyle).digest('base64')}'`;

async function send({
  context,
  query,
  response,
}: AdminCall<null, ReportQuery>): Promise<SecurityReport | undefined> {
  const report = await gatherReport(context);
  // Without what else is known of keys and teams.
  if (query.format === 'json') return securityReport.parse(report);
  const day = report.madeAt.slice(0, 10);
  response
    .status(200)
    .setHeader(
      'Content-Security-Policy',
      `default-src 'none'; style-src ${stylePolicy}; frame-ancestors 'none'`,
    )
    .setHeader('Content-Disposition', `inline; filename="inglenook-security-report-${day}.html"`)
    .type('html')
    .send(renderReport(report, query.language));
  return undefined;
}
