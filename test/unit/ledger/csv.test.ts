import { expect, it } from 'vitest';
import { csvText } from '../../../server/store/ledger/csv.ts';
import { readCsv } from './read-csv.ts';

it('attack 45: no name becomes a formula, a cell more or a line more of a spreadsheet', () => {
  const hostile = ["=cmd|' /C calc'!A0", '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1'];
  const broken = ['a,b', 'a"b', 'a\r\nb', 'a\n=1', 'a\r=1', '<img src=x onerror=alert(1)>'];
  const text = csvText([['name', 'tokens'], ...[...hostile, ...broken].map((name) => [name, -5] as const)]);
  const rows = readCsv(text);
  expect(rows.map(({ name }) => name)).toEqual([...hostile.map((name) => `'${name}`), ...broken]);
  // Numbers are ours and stay numbers.
  expect(new Set(rows.map(({ tokens }) => tokens))).toEqual(new Set(['-5']));
});
