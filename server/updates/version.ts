/** `1.2.3`, with what stands before a release after a hyphen; SemVer 2.0.0 without build metadata. */
const form = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,64}))?$/;

export function isVersion(text: string): boolean {
  return form.test(text);
}

/** Negative when `a` is the older, 0 when both are the same. What is no version is older than every one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  for (let index = 0; index < 3; index += 1) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(left.pre, right.pre);
}

function parts(
  text: string,
): { readonly numbers: readonly number[]; readonly pre: readonly string[] } | null {
  const match = form.exec(text);
  if (match === null) return null;
  return { numbers: match.slice(1, 4).map(Number), pre: match[4]?.split('.') ?? [] };
}

/** SemVer §11: a pre-release is older than its release; numbers by value and before words; more fields are newer. */
function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = compareField(a[index] ?? '', b[index] ?? '');
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareField(a: string, b: string): number {
  const [isA, isB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isA && isB) return Number(a) - Number(b);
  if (isA !== isB) return isA ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
