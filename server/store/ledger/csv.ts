import { stringify } from 'csv-stringify/sync';

export type CsvCell = string | number | boolean | null;

/**
 * Lines of a table as RFC 4180 says it; null is an empty cell. Spreadsheets take a text that begins like a formula for
 * one, and would run what somebody has put into a name: an apostrophe before it keeps it a text (OWASP, "CSV Injection").
 * Numbers are ours and stay numbers.
 */
export function csvText(lines: readonly (readonly CsvCell[])[]): string {
  return stringify([...lines], {
    record_delimiter: 'windows',
    escape_formulas: true,
    // The package quotes what holds the delimiter alone; half of it ends a line for spreadsheets too.
    quoted_match: /[\r\n]/,
    cast: { boolean: String },
  });
}
