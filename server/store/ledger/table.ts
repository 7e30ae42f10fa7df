import { logRow } from '../../wire/admin.ts';
import type { LogRow } from '../../core/log-row.ts';
import { usageRow, type UsageRow } from '../../wire/usage.ts';
import { csvText, type CsvCell } from './csv.ts';

/** Rows as text, for files and for answers too long to be made at once. Columns bear the names of the API. */

export type TextFormat = 'json' | 'csv';

const logColumns = Object.keys(logRow.shape) as (keyof LogRow)[];

export const logHead = csvText([logColumns]);

export function logText(rows: readonly LogRow[], format: TextFormat): string {
  if (format === 'json') return rows.map((row) => JSON.stringify(row)).join(',\n');
  return csvText(rows.map((row) => logColumns.map((name) => cellOf(row[name]))));
}

/** Lists and labels become one cell. */
function cellOf(value: LogRow[keyof LogRow]): CsvCell {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.join('; ');
  return Object.entries(value)
    .map(([name, text]) => `${name}=${text}`)
    .join('; ');
}

/** The columns that these rows have, in the API's order. */
export function usageTable(rows: readonly UsageRow[], by: readonly string[]): string {
  const columns = (Object.keys(usageRow.shape) as (keyof UsageRow)[]).filter((name) => isShown(name, by));
  return csvText([columns, ...rows.map((row) => columns.map((name) => row[name] ?? null))]);
}

const steps: readonly string[] = ['hour', 'day', 'week', 'month'];
const split: readonly string[] = [
  'key',
  'person',
  'team',
  'model',
  'engine',
  'status',
  'leftOffice',
  'failure',
];

function isShown(name: keyof UsageRow, by: readonly string[]): boolean {
  if (name === 'start') return by.some((part) => steps.includes(part));
  if (name === 'keyId') return by.includes('key');
  return [...steps, ...split].includes(name) ? by.includes(name) : true;
}
