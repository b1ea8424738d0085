import { REJECT_PREFIX } from './columns.ts';
import type { RejectedRow } from './read-rows.ts';

/** What is said about a rejected row beside its own values. */
const remarks = (row: RejectedRow): Record<string, string | number> => {
  const join = (part: 'field' | 'value' | 'reason'): string =>
    row.problems.map((one) => one[part]).join('; ');
  return {
    [`${REJECT_PREFIX}line`]: row.line,
    [`${REJECT_PREFIX}field`]: join('field'),
    [`${REJECT_PREFIX}value`]: row.text ?? join('value'),
    [`${REJECT_PREFIX}reason`]: join('reason'),
  };
};

/** The header of a CSV of rejected rows: the columns of the file, and the remarks. */
export const rejectHeader = (columns: readonly string[]): string =>
  csvLine([...columns, ...Object.keys(remarks({ line: 0, problems: [] }))]);

/**
 * A rejected row as one line in the form of its file: CSV with these columns, or a JSON object when there are none.
 * Corrected, the lines can be read as input again. The values are the user's own and are not changed, not even against
 * spreadsheets that take `=…` for a formula.
 */
export function encodeReject(row: RejectedRow, columns?: readonly string[]): string {
  if (columns === undefined) return `${JSON.stringify({ ...row.original, ...remarks(row) })}\n`;
  const values = columns.map((column) => row.original?.[column] ?? '');
  return csvLine([...values, ...Object.values(remarks(row))]);
}

function csvLine(values: readonly unknown[]): string {
  const cells = values.map((value) => {
    const text = String(value);
    return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\n`;
}
