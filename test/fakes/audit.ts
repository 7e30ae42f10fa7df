import { systemTimers, type Clock } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import { createAudit, type Audit } from '../../server/store/audit.ts';
import { createBackups, type Backups } from '../../server/store/backup/backups.ts';
import type { Store } from '../../server/store/open.ts';

export const testSecret = 'ink-secret_test';

type Services = { readonly store: Store; readonly clock: Clock; readonly log: Logger };

/** The real audit, over the test's own store. */
export function testAudit(services: Services): Audit {
  return createAudit({ ...services, secret: testSecret });
}

/** Real too, but without a folder of its own: who makes backups composes a server. */
export function testBackups(services: Services, audit: Audit): Backups {
  const fixed = { dataDir: '/nowhere/inglenook', version: '0.1.0', timeZone: 'UTC', secret: testSecret };
  return createBackups({ ...services, ...fixed, audit, timers: systemTimers });
}
