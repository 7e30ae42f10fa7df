import type { Clock } from '../core/clock.ts';
import { slicesOf, type TimeStep } from '../core/local-time.ts';
import type { Reader } from '../store/threads/reader.ts';
import type { UsageRow } from '../wire/usage.ts';
import type { MeState } from '../wire/me.ts';

type OwnUsage = MeState['usage'];

/**
 * So long sums are told again as they were: everybody's page asks every few seconds, and the thread for reading is there for
 * the owner as well.
 */
const freshMs = 2_000;
const mostKept = 1_000;
const dayMs = 86_400_000;

/** What a key has used today and this month, by the log: the same sums as in the owner's console. */
export function createOwnUsage(
  reader: Pick<Reader, 'read'>,
  clock: Clock,
): (keyId: string, timeZone: string) => Promise<OwnUsage> {
  const kept = new Map<string, { readonly atMs: number; readonly usage: Promise<OwnUsage> }>();

  async function since(step: TimeStep, keyId: string, zone: string): Promise<OwnUsage['today']> {
    const toMs = clock.nowMs() + 1;
    const fromMs = slicesOf(step, { fromMs: toMs - 33 * dayMs, toMs }, zone).at(-1)?.startMs ?? toMs;
    const time = { step: null, zone, fromMs, toMs: null };
    const ask = { filters: { key: keyId }, dimensions: [], hasPercentiles: false, ...time };
    const { rows } = await reader.read('usage', ask);
    return { from: new Date(fromMs).toISOString(), ...sumOf(rows) };
  }
  async function ask(keyId: string, zone: string): Promise<OwnUsage> {
    const [today, month] = [await since('day', keyId, zone), await since('month', keyId, zone)];
    return { today, month };
  }
  return (keyId, timeZone) => {
    const nowMs = clock.monotonicMs();
    for (const [id, { atMs }] of kept) if (nowMs - atMs >= freshMs) kept.delete(id);
    const known = kept.get(keyId);
    if (known !== undefined) return known.usage;
    const usage = ask(keyId, timeZone);
    if (kept.size < mostKept) kept.set(keyId, { atMs: nowMs, usage });
    // What went wrong is asked anew, and told to whoever waits for it.
    usage.catch(() => kept.delete(keyId));
    return usage;
  };
}

type Sum = Omit<OwnUsage['today'], 'from'>;

function sumOf(rows: readonly UsageRow[]): Sum {
  const [row] = rows;
  const {
    requests = 0,
    refused = 0,
    errors = 0,
    promptTokens = 0,
    completionTokens = 0,
    cost = 0,
  } = row ?? {};
  return { requests, refused, errors, promptTokens, completionTokens, cost };
}
