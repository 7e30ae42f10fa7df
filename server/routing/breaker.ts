import type { Clock } from '../core/clock.ts';
import { AppError, toAppError } from '../core/errors.ts';

/**
 * Leaves a model of a remote engine alone while it only fails, so that nobody waits for its time-outs:
 *
 *   closed ── three failures in a row, or "come back later" ──► open ── the time is over ──► one may try ──► closed or open
 *
 * The pause doubles from 5 s to 2 minutes; a probe that succeeds ends it.
 */
export type Breakers = {
  /** Whether a request may be sent now; of an open one whose time is over, the next single one. */
  readonly allows: (target: string) => boolean;
  /** Seconds until `allows` may say yes. */
  readonly secondsLeft: (target: string) => number;
  readonly succeeded: (target: string) => void;
  readonly failed: (target: string, error: unknown) => void;
  /** Whether the last probe could not reach it: others go first. A probe may be wrong, so it is still the last resort. */
  readonly isAway: (target: string) => boolean;
  /** Those that are left alone now, among all targets that begin so, and for how long yet. */
  readonly paused: (prefix: string) => readonly { readonly target: string; readonly leftMs: number }[];
  /** What a probe has found out about all targets that begin so. `isMended`: somebody has seen to it, so no pause is left. */
  readonly probed: (prefix: string, isReachable: boolean, isMended?: boolean) => void;
};

type Circuit = { failures: number; pauses: number; openUntilMs: number };

const mostFailures = 3;
const firstPauseMs = 5_000;
const longestPauseMs = 120_000;

export function createBreakers(clock: Pick<Clock, 'monotonicMs'>): Breakers {
  const circuits = new Map<string, Circuit>();
  const unreachable = new Set<string>();

  function open(circuit: Circuit, pauseMs: number): void {
    circuit.openUntilMs = clock.monotonicMs() + Math.min(pauseMs, longestPauseMs);
    circuit.failures = 0;
    circuit.pauses += 1;
  }
  return {
    allows(target) {
      const circuit = circuits.get(target);
      if (circuit === undefined || circuit.pauses === 0) return true;
      const nowMs = clock.monotonicMs();
      if (nowMs < circuit.openUntilMs) return false;
      // This one tries; the others wait for what becomes of it, but not for ever.
      circuit.openUntilMs = nowMs + firstPauseMs;
      return true;
    },
    secondsLeft(target) {
      const leftMs = (circuits.get(target)?.openUntilMs ?? 0) - clock.monotonicMs();
      return Math.max(1, Math.ceil(leftMs / 1000));
    },
    succeeded: (target) => void circuits.delete(target),
    isAway: (target) => [...unreachable].some((prefix) => target.startsWith(prefix)),
    paused(prefix) {
      const nowMs = clock.monotonicMs();
      return [...circuits]
        .filter(([target, { openUntilMs }]) => target.startsWith(prefix) && openUntilMs > nowMs)
        .map(([target, { openUntilMs }]) => ({ target, leftMs: openUntilMs - nowMs }));
    },
    failed(target, thrown) {
      const error = toAppError(thrown);
      if (error.source !== 'engine') return;
      const circuit = circuits.get(target) ?? { failures: 0, pauses: 0, openUntilMs: 0 };
      if (error.retryAfterSeconds !== null && (error.status === 429 || error.status >= 500)) {
        circuits.set(target, circuit);
        open(circuit, error.retryAfterSeconds * 1000);
        return;
      }
      if (error.status < 500) return;
      circuits.set(target, circuit);
      circuit.failures += 1;
      if (circuit.failures >= mostFailures || circuit.pauses > 0) {
        open(circuit, firstPauseMs * 2 ** circuit.pauses);
      }
    },
    probed(prefix, isReachable, isMended = false) {
      if (!isReachable) {
        unreachable.add(prefix);
        return;
      }
      if (!unreachable.delete(prefix) && !isMended) return;
      for (const target of circuits.keys()) if (target.startsWith(prefix)) circuits.delete(target);
    },
  };
}

/** Told where nobody is left to try. */
export function allPaused(model: string, seconds: number): AppError {
  return new AppError(
    `What serves \`${model}\` has failed several times and is left alone for a moment. Please try again in ${seconds} s.`,
    { status: 503, code: 'upstream_unavailable', retryAfterSeconds: seconds, source: 'engine' },
  );
}
