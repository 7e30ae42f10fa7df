import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const numbers = Array.from({ length: 74 }, (_, index) => index + 1);

/** `| 17 | broken JSON … | `unit/a.test.ts`, `unit/b.test.ts` |` */
function listed(): Map<number, readonly string[]> {
  const rows = read('docs/attacks.md').matchAll(/^\| (\d+) +\|[^|]+\|([^|]+)\|$/gmu);
  return new Map(
    [...rows].map(([, number, files = '']) => [
      Number(number),
      [...files.matchAll(/`([^`]+)`/gu)].map(([, file]) => `test/${file}`),
    ]),
  );
}

const hasTitle = (file: string, number: number): boolean =>
  new RegExp(`attack ${number}\\b`, 'u').test(read(file));

it('docs/attacks.md lists all 74, each with tests that bear its number in their titles', () => {
  const table = listed();
  expect([...table.keys()]).toEqual(numbers);
  const wrong = [...table].flatMap(([number, files]) => {
    if (files.length === 0) return [`${number} has no test`];
    return files.filter((file) => !hasTitle(file, number)).map((file) => `${number} is not in ${file}`);
  });
  expect(wrong).toEqual([]);
});

it('no numbered test is missing there', () => {
  const table = listed();
  const files = globSync('test/**/*.test.ts', { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  const missing = files.flatMap((file) =>
    numbers
      .filter((number) => new RegExp(`['\`](?:attack \\d+, )*attack ${number}\\b`, 'u').test(read(file)))
      .filter((number) => table.get(number)?.includes(file) !== true)
      .map((number) => `${number} in ${file}`),
  );
  expect(missing).toEqual([]);
});
