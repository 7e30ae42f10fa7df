import type { Clock } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import type { Store } from '../../server/store/open.ts';
import { createHttps, type Https } from '../../server/tls/https.ts';
import { testSecret } from './audit.ts';

type Services = { readonly store: Store; readonly clock: Clock; readonly log: Logger };

/** The real thing before it has begun: switches work, certificates there are none until `begin`. */
export function testHttps({ store, clock, log }: Services): Https {
  return createHttps({
    store,
    clock,
    log,
    serverSecret: testSecret,
    timers: { after: () => () => {}, every: () => () => {} },
    hostname: 'desk-1',
    name: 'Inglenook on desk-1',
    readAddresses: async () => ['192.168.1.20'],
    onChange() {},
  });
}
