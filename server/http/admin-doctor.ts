import type { z } from 'zod';
import { renderReport } from '../doctor/report.ts';
import { lastTroubles } from '../doctor/troubles.ts';
import { privateNames } from '../store/private-names.ts';
import { doctorFindings, doctorQuery, type DoctorFindings } from '../wire/doctor.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';

/** What may keep the office from its answers, with the way out of it. */
export const doctorRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/doctor',
    summary:
      'Looks at everything that may keep the office from its answers: one sentence and the way out for each. Takes some seconds.',
    query: doctorQuery,
    answer: doctorFindings,
    handle: ({ context, query }): Promise<DoctorFindings> => context.doctor.look(query.language ?? 'en'),
  }),
  route({
    method: 'get',
    path: '/doctor/report',
    summary:
      'The same as a text to send to somebody who helps, with the log’s last troubles; keys, names of people and this computer’s name are left out.',
    query: doctorQuery,
    handle: sendReport,
  }),
];

async function sendReport({
  context,
  query,
  response,
}: AdminCall<null, z.infer<typeof doctorQuery>>): Promise<undefined> {
  const findings = await context.doctor.look(query.language ?? 'en');
  const report = renderReport({
    findings,
    privateNames: privateNames(context.store, context.clock.nowMs()),
    troubles: await lastTroubles(context.status().dataDir),
  });
  const day = findings.madeAt.slice(0, 10);
  response
    .status(200)
    .setHeader('Content-Disposition', `attachment; filename="inglenook-doctor-${day}.txt"`)
    .type('text/plain')
    .send(report);
  return undefined;
}
