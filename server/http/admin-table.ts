import { lanRoutes } from './admin-lan.ts';
import { auditRoutes } from './admin-audit.ts';
import { backupRoutes } from './admin-backup.ts';
import { aliasRoutes } from './admin-aliases.ts';
import { cacheRoutes } from './admin-cache.ts';
import { connectRoutes } from './admin-connect.ts';
import { doctorRoutes } from './admin-doctor.ts';
import { downloadRoutes } from './admin-downloads.ts';
import { edgeRoutes } from './admin-edge.ts';
import { exportRoutes } from './admin-exports.ts';
import { httpsRoutes } from './admin-https.ts';
import { keyRoutes } from './admin-keys.ts';
import { logRoutes } from './admin-log.ts';
import { modelFolderRoutes } from './admin-model-folders.ts';
import { modelRoutes } from './admin-models.ts';
import { neighbourRoutes } from './admin-neighbours.ts';
import { ollamaRoutes } from './admin-ollama.ts';
import { queueRoutes } from './admin-queue.ts';
import { pairingRoutes } from './admin-pairing.ts';
import { responseRoutes } from './admin-responses.ts';
import { priceRoutes } from './admin-prices.ts';
import { savingsRoutes } from './admin-savings.ts';
import { reportRoutes } from './admin-report.ts';
import { settingRoutes } from './admin-settings.ts';
import { spendingRoutes } from './admin-spending.ts';
import { teamRoutes } from './admin-teams.ts';
import { peopleRoutes } from './admin-people.ts';
import { traceRoutes } from './admin-traces.ts';
import { upstreamRoutes } from './admin-upstreams.ts';
import { usageRoutes } from './admin-usage.ts';
import { route, type AdminRoute } from './admin-route.ts';
import { securityRoutes } from './admin-security.ts';
import { sessionRoutes } from './admin-session.ts';
import { eventRoutes } from './events.ts';
import { describeAdminApi } from './openapi.ts';

/** The whole admin API. Nothing below `/api` is served that is not in this table. */
export const adminRoutes: readonly AdminRoute[] = [
  ...sessionRoutes,
  ...securityRoutes,
  ...logRoutes,
  ...usageRoutes,
  ...savingsRoutes,
  // Before the models, whose `/models/:model` would take `/models/found` for a model.
  ...downloadRoutes,
  ...modelRoutes,
  ...modelFolderRoutes,
  ...keyRoutes,
  ...teamRoutes,
  ...spendingRoutes,
  ...priceRoutes,
  ...responseRoutes,
  ...cacheRoutes,
  ...pairingRoutes,
  ...aliasRoutes,
  ...queueRoutes,
  ...upstreamRoutes,
  ...neighbourRoutes,
  ...doctorRoutes,
  ...ollamaRoutes,
  ...connectRoutes,
  ...lanRoutes,
  ...httpsRoutes,
  ...edgeRoutes,
  ...settingRoutes,
  ...auditRoutes,
  ...backupRoutes,
  ...exportRoutes,
  ...reportRoutes,
  ...traceRoutes,
  ...peopleRoutes,
  ...eventRoutes,
  route({
    method: 'get',
    path: '/openapi.json',
    summary: 'This description.',
    handle: ({ context }) => describeAdminApi(adminRoutes, context.status().version),
  }),
];
