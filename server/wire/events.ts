import { z } from 'zod';
import { modelCheck } from './checks.ts';
import { lanState } from './lan.ts';
import { downloadList } from './downloads.ts';
import { ownerState } from './owner.ts';
import { logRow, modelDescription, serverStatus } from './admin.ts';

/**
 * What `GET /api/events` sends, one JSON object per SSE `data:` line. On connecting a client gets one `status`,
 * one `models`, one `lan` and one `downloads` packet, so it needs no other call to draw its first picture; afterwards
 * only changes come.
 */
export const livePacket = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: serverStatus }),
  /** The whole list, since it is short; coalesced to at most five a second. */
  z.object({ type: z.literal('models'), models: z.array(modelDescription) }),
  /** The whole list of downloads; coalesced like the models. */
  z.object({ type: z.literal('downloads'), downloads: downloadList }),
  /** A request has ended and its row is committed. */
  z.object({ type: z.literal('request-finished'), row: logRow }),
  /** The switch that lets the office in, and what became of it. */
  z.object({ type: z.literal('lan'), lan: lanState }),
  /** The owner has taken the computer back or given it to the office, or the office hours have begun or ended. */
  z.object({ type: z.literal('owner'), owner: ownerState }),
  /** Keys, teams, or the prices their budgets count by have changed; ask again. */
  z.object({ type: z.literal('keys-changed') }),
  /** An alias was pointed elsewhere, made or removed; ask again. */
  z.object({ type: z.literal('aliases-changed') }),
  /** An upstream was added, changed or removed; ask again. */
  z.object({ type: z.literal('upstreams-changed') }),
  /** A ticket was made, a device asks or was let in, or an invitation ended; ask again. */
  z.object({ type: z.literal('pairings-changed') }),
  /** The check of a model has begun, got on, or ended; all that is known of it. */
  z.object({ type: z.literal('check'), check: modelCheck }),
  /** An address was blocked or let in again, or the rules of the edge were changed; ask again. */
  z.object({ type: z.literal('edge-changed') }),
  /** What is known of newer versions of Inglenook has changed; ask again. */
  z.object({ type: z.literal('updates-changed') }),
  /** A change is on trial now, was kept or taken back; ask again. */
  z.object({ type: z.literal('trials-changed') }),
]);
export type LivePacket = z.infer<typeof livePacket>;
