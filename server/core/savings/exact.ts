/**
 * Exact arithmetic for money: decimals become whole numbers of millionths, products stay whole numbers of arbitrary size,
 * and only what is shown is rounded, once, to billionths of the currency.
 */

const million = 1_000_000;

/** As so many millionths; finer digits are rounded. */
export function micro(decimal: number): bigint {
  return BigInt(Math.round(decimal * million));
}

/** The nearest whole number; halves go away from zero. The divisor is above zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const half = divisor / 2n;
  return dividend < 0n ? -((-dividend + half) / divisor) : (dividend + half) / divisor;
}

/** Billionths of a currency as a number of it, for showing. */
export function fromNanos(nanos: bigint): number {
  return Number(nanos) / 1e9;
}
