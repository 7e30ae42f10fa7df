import type { VerdictCode, VerdictState } from '../wire/checks.ts';
import { Broken, Refusal } from './ask.ts';
import { Fault } from './fault.ts';

/** What came of a point, without its name and time. */
export type Verdict = {
  readonly state: VerdictState;
  readonly code: VerdictCode;
  readonly values: Readonly<Record<string, string | number>>;
};

export function verdict(state: VerdictState, code: VerdictCode, values: Verdict['values'] = {}): Verdict {
  return { state, code, values };
}

export const ok = verdict('ok', 'ok');

/** Why a request of the check was ended from our side. */
export class Ended extends Error {
  override readonly name = 'Ended';
  /** `crowded`: somebody else needs the model; `late`: it took too long; `cancelled`: the check is not wanted any more. */
  readonly why: 'crowded' | 'late' | 'cancelled';

  constructor(why: Ended['why']) {
    super(why);
    this.why = why;
  }
}

/** Come again later: limits, a queue nobody could wait out, memory that others use. */
const passing = new Set([409, 429, 503, 529]);
/** An honest no to what was asked. 401, 403 and 408 say something else. */
const honest = new Set([400, 404, 405, 415, 422, 501]);

/**
 * What a failed try means. `isFeature`: a model may do without it, so saying no is no failure; where not, it is asked
 * for what every model has to do.
 */
export function verdictOf(error: unknown, isFeature: boolean, timeoutMs: number): Verdict {
  if (error instanceof Fault) return verdict('failed', 'malformed', { detail: error.message });
  if (error instanceof Broken) return verdict('failed', 'broken');
  if (error instanceof Ended && error.why === 'late') {
    return verdict('failed', 'timeout', { seconds: Math.round(timeoutMs / 1000) });
  }
  if (error instanceof Refusal) {
    const { status, message } = error;
    if (passing.has(status) && error.code !== 'engine_failed')
      return verdict('skipped', 'later', { message });
    if (isFeature && honest.has(status)) return verdict('not-supported', 'refused', { message });
    return verdict('failed', 'error', { status, message });
  }
  throw error;
}
