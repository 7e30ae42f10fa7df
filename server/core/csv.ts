/** One line of a table as RFC 4180 says it; null is an empty cell. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

export type CsvCell = string | number | boolean | null;

/**
 * Spreadsheets take a text that begins like this for a formula, and would run what somebody has put into a name; an
 * apostrophe before it keeps it a text (OWASP, "CSV Injection"). Numbers are ours and stay numbers.
 */
const formula = /^[=+\-@\t\r]/;

function csvCell(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
