import { micro } from './exact.ts';
import { bandOf, type Band, type Basis, type Case } from './settings.ts';
import type { SavingsUsage } from './usage.ts';

/** What amounts of electricity are divided by to be billionths of the currency: see `powerOf`. */
export const electricityDivisor = 36_000_000_000_000n;

/** Of one slice of time and one case. */
export type Power = {
  readonly busyTenths: bigint;
  /** On because of Inglenook, and not at work. */
  readonly idleTenths: bigint;
  /** Watts in millionths times tenths of a millisecond. */
  readonly energy: bigint;
  /** Divided by `electricityDivisor`: billionths of the currency. */
  readonly cost: bigint;
};

/**
 * Hours at work by what the computer draws then, and the rest of the hours it is on because of Inglenook by what it draws
 * idle. The best case takes the least hours and watts, the worst the most.
 *
 * A kilowatt-hour is 3.6e6 J; tenths of a millisecond are 1e-4 s, watts and prices are in millionths, the result in
 * billionths: 3.6e6 × 1e4 × 1e6 × 1e6 / 1e9 = 3.6e13.
 */
export function powerOf(usage: SavingsUsage, slice: number, basis: Basis): Band<Power> {
  const busy = busyTenths(usage, slice);
  const { startMs, endMs } = usage.slices[slice] ?? { startMs: 0, endMs: 0 };
  return bandOf((name) => {
    const onTenths =
      (BigInt(endMs - startMs) * 10n * micro(basis.hoursOnPerDay.value[name])) / (24n * 1_000_000n);
    const busyNow = busy[name];
    const idle = onTenths > busyNow ? onTenths - busyNow : 0n;
    const { answering, idle: idleWatts } = basis.watts.value;
    const energy = busyNow * micro(answering[name]) + idle * micro(idleWatts[name]);
    return {
      busyTenths: busyNow,
      idleTenths: idle,
      energy,
      cost: energy * micro(basis.pricePerKwh.value[name]),
    };
  });
}

/** The likely case lies in the middle. */
function busyTenths({ busy }: SavingsUsage, slice: number): Band<bigint> {
  const { leastTenths, mostTenths } = busy[slice] ?? { leastTenths: 0, mostTenths: 0 };
  const least = BigInt(Math.floor(leastTenths));
  const most = BigInt(Math.floor(mostTenths));
  const byCase: Readonly<Record<Case, bigint>> = { best: least, likely: (least + most) / 2n, worst: most };
  return byCase;
}
