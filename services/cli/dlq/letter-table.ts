import { duration } from '../progress-line.ts';

/** Columns as wide as what stands in them; the last one as it is. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === head.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const ago = (at: number): string => `${duration(Math.max(0, (Date.now() - at) / 1_000))} ago`;

/** One line, without what would move the cursor, and not longer than this. */
export function shortened(text: string, length: number): string {
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
