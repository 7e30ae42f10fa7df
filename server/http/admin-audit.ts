import { verifyAudit } from '../store/audit-verify.ts';
import { auditPage, auditQuery, auditVerification, verifyAuditRequest } from '../wire/audit.ts';
import { route, type AdminRoute } from './admin-route.ts';

/** Who has done what with this server's powers. Rows are written by `audited.ts`, pairing and the server itself. */
export const auditRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/audit',
    summary: 'The audit, newest first. `before` (the last `seq` of the page before) gives the next page.',
    query: auditQuery,
    answer: auditPage,
    handle: ({ context, query }) => context.audit.list(query),
  }),
  route({
    method: 'post',
    path: '/audit/verify',
    summary:
      'Check that every row is as it was written and none is missing. `expected`, a row and its hash from an earlier report, must still hold.',
    body: verifyAuditRequest,
    answer: auditVerification,
    handle: ({ context, body }) =>
      verifyAudit(context.store, {
        secret: context.serverSecret,
        nowMs: context.clock.nowMs(),
        expected: body.expected,
      }),
  }),
];
