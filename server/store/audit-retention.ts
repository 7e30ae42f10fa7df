import { z } from 'zod';
import type { Clock, Timers } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Audit } from './audit.ts';
import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

/** A quarter of a year: less would let somebody act and have the trace deleted before anybody looks. */
export const leastAuditDays = 90;

const settingName = 'audit';
const auditSettings = z.object({ keepDays: z.int().min(0) });

/** 0, the usual: for ever. */
export function auditKeepDays(store: Store): number {
  return auditSettings.safeParse(getSetting(store, settingName)).data?.keepDays ?? 0;
}

export function setAuditKeepDays(store: Store, keepDays: number): void {
  setSetting(store, settingName, { keepDays });
}

const everyMs = 6 * 60 * 60_000;

/** Deletes audit rows whose time is over. The returned function ends it. */
export function keepAuditPurged(services: {
  readonly store: Store;
  readonly audit: Pick<Audit, 'purge'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}): () => void {
  const { store, audit, clock, timers, log } = services;
  const purge = (): void => {
    try {
      const days = auditKeepDays(store);
      if (days > 0) audit.purge(clock.nowMs() - days * 86_400_000);
    } catch (error) {
      log.error('Old rows of the audit could not be deleted; it is tried again in some hours.', { error });
    }
  };
  purge();
  return timers.every(everyMs, purge);
}
