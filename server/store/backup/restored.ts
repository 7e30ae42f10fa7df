import type { AuditTrail } from '../../core/audit.ts';
import type { Logger } from '../../core/logger.ts';
import type { Store } from '../open.ts';
import type { PreparedRestore } from './restore.ts';
import { forgetOutcome } from './schedule-settings.ts';

type Rebuilt = { readonly store: Store; readonly audit: AuditTrail; readonly log: Logger };

/** The first thing that is done with data that have just been put in place. */
export function noteRestored({ store, audit, log }: Rebuilt, restored: PreparedRestore): void {
  forgetOutcome(store);
  const { file, madeAt, computer, version, keepIn } = restored;
  log.info('A backup was restored. What was here before is kept.', { file, madeAt, keptIn: keepIn });
  audit.appendLate({
    actor: 'server',
    act: 'restore.finish',
    object: file,
    outcome: 'done',
    details: { madeAt, computer, version, keptIn: keepIn },
  });
}
