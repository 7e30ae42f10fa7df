/** What stands for all values beyond the first so many. */
const otherValue = 'other';

/** Keeps a label from having more values than a monitoring system can bear. */
export function createBound(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= most) return otherValue;
    known.add(value);
    return value;
  };
}
