import type { Clock, Timers } from '../../server/core/clock.ts';
import type { Logger } from '../../server/core/logger.ts';
import { noContents } from '../../server/out/content.ts';
import { createExports, type Exports, type ExportServices } from '../../server/out/exports.ts';
import type { Store } from '../../server/store/open.ts';
import { openReader } from '../../server/store/threads/reader.ts';
import { testSecret } from './audit.ts';

const noTimers: Timers = { after: () => () => {}, every: () => () => {} };

/** The real exports over the test's own store. Nothing is sent before `begin`. */
export function testExports(
  services: { readonly store: Store; readonly clock: Clock; readonly log: Logger } & Partial<ExportServices>,
): Exports {
  return createExports({
    reader: openReader(services.store),
    serverSecret: testSecret,
    timers: noTimers,
    version: '0.1.0',
    isOffline: () => false,
    port: () => 11500,
    contents: noContents,
    ...services,
  });
}
