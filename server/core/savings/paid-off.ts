import { slicesOf, type TimeSlice } from '../local-time.ts';
import { micro } from './exact.ts';
import { bandOf, type Band, type Case, type Computer } from './settings.ts';

/**
 * `paid`: in that month what was saved reached the price. `expected`: it will, if the last months go on. Else it will not
 * at this pace within the computer's life, or it is too early to say: less than a week is known.
 */
export type PaidOff = {
  readonly state: 'paid' | 'expected' | 'not-at-this-pace' | 'too-early';
  /** `2027-03`; null where it is not known. */
  readonly month: string | null;
  /** Since it was bought, in billionths of the currency. */
  readonly savedNanos: bigint;
};

export type MonthSaved = { readonly slice: TimeSlice; readonly saved: Band<bigint> };

const weekMs = 7 * 86_400_000;
const yearMs = 365.25 * 86_400_000;
/** What a pace is told from: the last so many months, the present one among them. */
const paceMonths = 3;

/** When the computer has earned its price. Months before it was bought were another's. */
export function paidOffBy(
  months: readonly MonthSaved[],
  computer: Computer,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): Band<PaidOff> {
  const own = months.filter(({ slice }) => slice.label >= computer.boughtOn.slice(0, 7));
  return bandOf((name) => paidOff(own, { computer, name, nowMs, zone }));
}

type Question = {
  readonly computer: Computer;
  readonly name: Case;
  readonly nowMs: number;
  readonly zone: string;
};

function paidOff(months: readonly MonthSaved[], { computer, name, nowMs, zone }: Question): PaidOff {
  const priceNanos = micro(computer.price) * 1000n;
  let savedNanos = 0n;
  let month: string | null = null;
  for (const { slice, saved } of months) {
    savedNanos += saved[name];
    if (month === null && savedNanos >= priceNanos) month = slice.label;
  }
  if (month !== null) return { state: 'paid', month, savedNanos };
  const recent = months.slice(-paceMonths);
  const knownMs = recent.reduce((sum, { slice }) => sum + slice.endMs - slice.startMs, 0);
  if (knownMs < weekMs) return { state: 'too-early', month: null, savedNanos };
  const nanosPerMs = Number(recent.reduce((sum, { saved }) => sum + saved[name], 0n)) / knownMs;
  const wholeMs = nowMs + Number(priceNanos - savedNanos) / nanosPerMs;
  const lifeEndMs = Date.parse(computer.boughtOn) + computer.lifeYears * yearMs;
  if (nanosPerMs <= 0 || wholeMs > lifeEndMs) return { state: 'not-at-this-pace', month: null, savedNanos };
  const atMs = Math.ceil(wholeMs);
  const [slice] = slicesOf('month', { fromMs: atMs, toMs: atMs + 1 }, zone);
  return { state: 'expected', month: slice?.label ?? null, savedNanos };
}
