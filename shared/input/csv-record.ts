/** What stands at one place of a CSV text. */
export type CsvRecord =
  /** `next` is where the record after this one begins. */
  | { readonly kind: 'record'; readonly cells: readonly string[]; readonly next: number }
  | { readonly kind: 'broken'; readonly reason: string }
  /** The text ends before the record does. */
  | { readonly kind: 'unfinished' };

const UNFINISHED: CsvRecord = { kind: 'unfinished' };

/**
 * Reads the record that begins at `start` after RFC 4180, with LF or CRLF. A quote inside a cell that does not begin
 * with one is text, since lists of records are full of `12" Mix`; text after a closing quote breaks the record.
 */
export function readCsvRecord(text: string, start: number, delimiter: string, isLast: boolean): CsvRecord {
  const cells: string[] = [];
  for (let at = start; ;) {
    const cell = text[at] === '"' ? quotedCell(text, at, isLast) : plainCell(text, at, delimiter);
    if (typeof cell === 'string') return { kind: 'broken', reason: cell };
    if (cell === undefined) return UNFINISHED;
    const { value, end } = cell;
    if (text[end] === delimiter) {
      cells.push(value);
      at = end + 1;
    } else if (end === text.length) {
      if (!isLast) return UNFINISHED;
      cells.push(value);
      return { kind: 'record', cells, next: end };
    } else if (text[end] === '\n') {
      cells.push(value);
      return { kind: 'record', cells, next: end + 1 };
    } else {
      return { kind: 'broken', reason: 'has text after a closing quote: write a quote inside a value twice' };
    }
  }
}

interface Cell {
  readonly value: string;
  /** The place after it: a delimiter, a line feed, or the end of the text. */
  readonly end: number;
}

function plainCell(text: string, start: number, delimiter: string): Cell {
  const separator = delimiter.charCodeAt(0);
  let end = start;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === separator || code === 10) break;
  }
  const isCrlf = text[end] !== delimiter && text[end - 1] === '\r' && end > start;
  return { value: text.slice(start, isCrlf ? end - 1 : end), end };
}

function quotedCell(text: string, start: number, isLast: boolean): Cell | string | undefined {
  let value = '';
  for (let from = start + 1; ;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return isLast ? 'opens a quote that is never closed' : undefined;
    value += text.slice(from, quote);
    if (text[quote + 1] === '"') {
      value += '"';
      from = quote + 2;
      continue;
    }
    // The other half of a doubled quote, or of a CRLF, may be the first character to come.
    if (!isLast && quote + 2 >= text.length && text[quote + 1] !== '\n') return undefined;
    const isCrlf = text[quote + 1] === '\r' && (text[quote + 2] === '\n' || quote + 2 === text.length);
    return { value, end: quote + (isCrlf ? 2 : 1) };
  }
}
