import { AppError } from '../core/errors.ts';
import { officeContact } from '../store/contact.ts';
import type { Store } from '../store/open.ts';
import { activePause, type KeptPause } from '../store/pauses.ts';
import type { PauseKind } from '../wire/owner.ts';

/** What somebody is told who asks while the owner has taken the computer back. */

const pauseCodes = { gpu: 'gpu_released', all: 'paused' } as const satisfies Record<PauseKind, string>;

/** Whether a request was turned away by a pause: a refusal, and nobody's failure. */
export function isPauseRefusal({ code }: Pick<AppError, 'code'>): boolean {
  return code === pauseCodes.gpu || code === pauseCodes.all;
}

/** How long a client waits before it asks again where nobody knows when it ends. */
const unknownEndSeconds = 300;
/** What a program may well wait for by itself; for longer its person is better told at once. */
const shortSeconds = 60;

type Situation = { readonly nowMs: number; readonly timeZone: string };

/** Null while nothing is paused. One look at what is kept, so it may be asked for every request. */
export function pauseRefusal(store: Store, kind: PauseKind, situation: Situation): AppError | null {
  const pause = activePause(store, kind, situation.nowMs);
  return pause === null ? null : refuse(kind, pause, { ...situation, contact: officeContact(store) });
}

function refuse(
  kind: PauseKind,
  { untilMs }: KeptPause,
  { nowMs, timeZone, contact }: Situation & { readonly contact: string | null },
): AppError {
  const seconds = untilMs === null ? unknownEndSeconds : Math.max(1, Math.ceil((untilMs - nowMs) / 1000));
  const what =
    kind === 'gpu'
      ? 'The owner needs this computer for other work, so its own models answer nobody'
      : 'The owner has paused this server, so it answers nobody';
  const until =
    untilMs === null
      ? ' until the owner ends it. When that will be was not said.'
      : ` until ${clockTime(untilMs, { nowMs, timeZone })}.`;
  const whom = contact === null ? 'the owner' : `the owner (${contact})`;
  const who = untilMs === null ? `Only ${whom} can end it.` : `Only ${whom} can end it earlier.`;
  return new AppError(`${what}${until} ${who}`, {
    status: 503,
    code: pauseCodes[kind],
    retryAfterSeconds: seconds,
    retryable: untilMs !== null && seconds <= shortSeconds,
  });
}

/** `15:30 (Europe/Berlin)`, with the date where it is another day. */
function clockTime(timeMs: number, { nowMs, timeZone }: Situation): string {
  const inZone = (options: Intl.DateTimeFormatOptions, at: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone, ...options }).format(at);
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  const isToday = inZone(day, timeMs) === inZone(day, nowMs);
  return `${inZone(isToday ? time : { ...day, ...time }, timeMs)} (${timeZone})`;
}

/** What an answer is told that has not ended within the time. */
export function endedByPause(refusal: AppError): AppError {
  return new AppError(`This answer ends here. ${refusal.message}`, {
    status: 503,
    code: refusal.code,
    retryAfterSeconds: refusal.retryAfterSeconds ?? unknownEndSeconds,
    retryable: false,
  });
}
