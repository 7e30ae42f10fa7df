import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const numbers = Array.from({ length: 83 }, (_, index) => index + 1);

type Row = { readonly number: number; readonly answer: string; readonly files: readonly string[] };

/** `| 17 | broken JSON … | 400 | `unit/a.test.ts`, `unit/b.test.ts` |` */
function listed(): readonly Row[] {
  const rows = read('docs/attacks.md').matchAll(/^\| (\d+) +\|[^|]+\|([^|]+)\|([^|]+)\|$/gmu);
  return [...rows].map(([, number, answer = '', files = '']) => ({
    number: Number(number),
    answer: answer.trim(),
    files: [...files.matchAll(/`([^`]+)`/gu)].map(([, file]) => `test/${file}`),
  }));
}

/** The numbers that a test's title begins with there: one `attack`, or some with commas between, then a colon. */
function numbersIn(file: string): ReadonlySet<number> {
  const titles = read(file).matchAll(/\(\s*['`](attack \d+(?:, attack \d+)*): /gu);
  return new Set([...titles].flatMap(([, said = '']) => [...said.matchAll(/\d+/gu)].map(Number)));
}

it('docs/attacks.md lists all, each with an answer and with tests that bear its number in their titles', () => {
  const table = listed();
  expect(table.map(({ number }) => number)).toEqual(numbers);
  const wrong = table.flatMap(({ number, answer, files }) => {
    if (answer === '' || files.length === 0) return [`${number} has no answer or no test`];
    return files.filter((file) => !numbersIn(file).has(number)).map((file) => `${number} is not in ${file}`);
  });
  expect(wrong).toEqual([]);
});

it('no numbered test is missing there', () => {
  const table = new Map(listed().map(({ number, files }) => [number, files]));
  const files = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  const missing = files.flatMap((file) =>
    [...numbersIn(file)]
      .filter((number) => table.get(number)?.includes(file) !== true)
      .map((number) => `${number} in ${file}`),
  );
  expect(missing).toEqual([]);
});
