import { z } from 'zod';
import { text } from './text.ts';

/** The owner comes first: the two ways to take the computer back, and the hours in which the office has it. */

const isoTime = z.iso.datetime();

/**
 * `gpu`: “I need my GPU”. The models of this computer answer nobody and leave its memory; upstreams go on. `all`: nobody is
 * answered at all, and the network is not told of us; the models stay where they are.
 */
export const pauseKind = z.enum(['gpu', 'all']);
export type PauseKind = z.infer<typeof pauseKind>;

/** A fortnight: what is wanted for longer is “until I say so”. */
export const longestPauseSeconds = 14 * 86_400;
const longestDrainSeconds = 600;
/** What running answers get to end in, unless another time is asked for. */
export const usualDrainSeconds = 60;

/** `PUT /api/pauses/:what`: begins it, or changes until when it goes. */
export const pauseRequest = z.strictObject({
  /** For so long from now; null: until it is ended by hand. */
  seconds: z.number().int().min(1).max(longestPauseSeconds).nullable().default(null),
  /** What running answers get to end in; 0 ends them at once. */
  drainSeconds: z.number().int().min(0).max(longestDrainSeconds).default(usualDrainSeconds),
});
export type PauseRequest = z.infer<typeof pauseRequest>;

const pausing = z.object({
  since: isoTime,
  /** When it ends by itself; null: it does not. */
  until: isoTime.nullable(),
  /** Who began it: in console or command line, or from the app's tray. */
  by: z.enum(['owner', 'app']),
  /** Running answers may still end · models are leaving the memory · done. */
  phase: z.enum(['draining', 'unloading', 'held']),
  /** Answers that are still running and are waited for, until then at the longest. */
  running: z.number().int(),
  drainUntil: isoTime,
  /** What will be loaded again at its end. */
  models: z.array(z.string()),
  /** Servers on this computer that are not ours to stop, and may hold the graphics card. */
  others: z.array(z.string()),
});
export type Pausing = z.infer<typeof pausing>;

export const pauses = z.object({ gpu: pausing.nullable(), all: pausing.nullable() });
export type PausesState = z.infer<typeof pauses>;

/** Whether the computer is kept from falling asleep, and by what. */
const awake = z.object({
  /** `app`: the app does it; it tells the system. `failed` and `impossible` say why in `problem`. */
  phase: z.enum(['off', 'on', 'app', 'failed', 'impossible']),
  problem: text.nullable(),
});
export type AwakeState = z.infer<typeof awake>;

const officeHours = z.object({
  /** Null while no hours are set: then nothing is done by the clock. */
  open: z.boolean().nullable(),
  /** When these hours end; null while closed, or where they never do. */
  until: isoTime.nullable(),
  /** When the next ones begin; null where none are set, or they never end. */
  next: isoTime.nullable(),
  timeZone: z.string(),
  /** What is loaded before they begin. */
  models: z.array(z.string()),
  awake,
});
export type OfficeHoursState = z.infer<typeof officeHours>;

/** `GET /api/owner`, and in the live view whenever it has changed. */
export const ownerState = z.object({ pauses, hours: officeHours });
export type OwnerState = z.infer<typeof ownerState>;
