/** Less cannot be told from what comes in one piece; in tenths of a millisecond. */
const leastMeasured = 200;

/**
 * How fast an answer was written once its first token was there; null where there is nothing to measure. In tokens per
 * 1000 s, so that slow ones lie well within what a histogram tells apart. Times are tenths of a millisecond from arrival.
 */
export function speedOf({
  completion,
  firstToken,
  total,
}: {
  readonly completion: number;
  readonly firstToken: number | null;
  readonly total: number;
}): number | null {
  if (firstToken === null || completion < 2) return null;
  const took = total - firstToken;
  return took < leastMeasured ? null : ((completion - 1) / took) * 10_000_000;
}
