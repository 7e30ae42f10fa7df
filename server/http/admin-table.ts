import { lanRoutes } from './admin-lan.ts';
import { auditRoutes } from './admin-audit.ts';
import { backupRoutes } from './admin-backup.ts';
import { aliasRoutes } from './admin-aliases.ts';
import { cacheRoutes } from './admin-cache.ts';
import { checkRoutes } from './admin-checks.ts';
import { connectRoutes } from './admin-connect.ts';
import { doctorRoutes } from './admin-doctor.ts';
import { downloadRoutes } from './admin-downloads.ts';
import { edgeRoutes } from './admin-edge.ts';
import { exportRoutes } from './admin-exports.ts';
import { httpsRoutes } from './admin-https.ts';
import { keyRoutes } from './admin-keys.ts';
import { logRoutes } from './admin-log.ts';
import { machineRoutes } from './admin-machine.ts';
import { modelFolderRoutes } from './admin-model-folders.ts';
import { modelRoutes } from './admin-models.ts';
import { graphicsRoutes } from './admin-graphics.ts';
import { ownerRoutes } from './admin-owner.ts';
import { neighbourRoutes } from './admin-neighbours.ts';
import { ollamaRoutes } from './admin-ollama.ts';
import { officeModelRoutes } from './admin-office-model.ts';
import { queueRoutes } from './admin-queue.ts';
import { pairingRoutes } from './admin-pairing.ts';
import { responseRoutes } from './admin-responses.ts';
import { priceRoutes } from './admin-prices.ts';
import { savingsRoutes } from './admin-savings.ts';
import { reportRoutes } from './admin-report.ts';
import { settingRoutes } from './admin-settings.ts';
import { spendingRoutes } from './admin-spending.ts';
import { teamRoutes } from './admin-teams.ts';
import { ticketRoutes } from './admin-tickets.ts';
import { playgroundRoutes } from './admin-playground.ts';
import { peopleRoutes } from './admin-people.ts';
import { traceRoutes } from './admin-traces.ts';
import { updateRoutes } from './admin-updates.ts';
import { trialRoutes } from './admin-trials.ts';
import { engineRoutes } from './admin-engine.ts';
import { upstreamRoutes } from './admin-upstreams.ts';
import { usageRoutes } from './admin-usage.ts';
import { route, type AdminRoute } from './admin-route.ts';
import { securityRoutes } from './admin-security.ts';
import { setUpRoutes } from './admin-set-up.ts';
import { sessionRoutes } from './admin-session.ts';
import { eventRoutes } from './events.ts';
import { describeAdminApi } from './openapi.ts';

/** The whole admin API. Nothing below `/api` is served that is not in this table. */
export const adminRoutes: readonly AdminRoute[] = [
  ...sessionRoutes,
  ...setUpRoutes,
  ...securityRoutes,
  ...logRoutes,
  ...usageRoutes,
  ...savingsRoutes,
  // Before the models, whose `/models/:model` would take `/models/found` for a model.
  ...downloadRoutes,
  ...modelRoutes,
  ...checkRoutes,
  ...modelFolderRoutes,
  ...machineRoutes,
  ...engineRoutes,
  ...trialRoutes,
  ...officeModelRoutes,
  ...keyRoutes,
  ...teamRoutes,
  ...spendingRoutes,
  ...priceRoutes,
  ...responseRoutes,
  ...cacheRoutes,
  ...pairingRoutes,
  ...ticketRoutes,
  ...aliasRoutes,
  ...queueRoutes,
  ...playgroundRoutes,
  ...upstreamRoutes,
  ...neighbourRoutes,
  ...doctorRoutes,
  ...ollamaRoutes,
  ...connectRoutes,
  ...lanRoutes,
  ...ownerRoutes,
  ...graphicsRoutes,
  ...httpsRoutes,
  ...edgeRoutes,
  ...settingRoutes,
  ...auditRoutes,
  ...backupRoutes,
  ...exportRoutes,
  ...reportRoutes,
  ...traceRoutes,
  ...peopleRoutes,
  ...updateRoutes,
  ...eventRoutes,
  route({
    method: 'get',
    path: '/openapi.json',
    summary: 'This description.',
    handle: ({ context }) => describeAdminApi(adminRoutes, context.status().version),
  }),
];
