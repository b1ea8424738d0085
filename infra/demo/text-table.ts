import type { Style } from './style.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Columns as wide as their widest cell, two blanks between them and before the first. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Style,
): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        return `  ${align === 'left' ? cell.padEnd(width) : cell.padStart(width)}`;
      })
      .join('')
      .trimEnd();
  return [style.dim(line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n');
}
