/**
 * CSV as people have it. A record that is broken costs its own first line and nothing else: reading goes on with the
 * line after it. (csv-parse 7 told to skip bad records does not find its way back after a stray quote or an overlong
 * record: the rows behind it are gone without a word.)
 */
import { readCsvRecord } from './csv-record.ts';
import type { CsvRecord } from './csv-record.ts';
import { countNewlines, excerpt, InputError, MAX_RECORD_LENGTH } from './raw-row.ts';
import type { RawRow, RowParser } from './raw-row.ts';

const MAX_COLUMNS = 1_000;
const DELIMITERS = [',', ';', '\t'];

export class CsvRows implements RowParser {
  readonly #onHeader: (columns: readonly string[]) => void;
  #text = '';
  /** Of the record at the beginning of `#text`. */
  #line = 1;
  #delimiter: string | undefined;
  #columns: readonly string[] | undefined;
  /** Inside a line that is too long to keep: thrown away up to its end. */
  #isDiscarding = false;

  /** `onHeader` may throw InputError when the columns are of no use. */
  constructor(onHeader: (columns: readonly string[]) => void = () => undefined) {
    this.#onHeader = onHeader;
  }

  push(text: string): RawRow[] {
    this.#text += text;
    return this.#read(false);
  }

  end(): RawRow[] {
    return this.#read(true);
  }

  #read(isLast: boolean): RawRow[] {
    const rows: RawRow[] = [];
    let at = this.#isDiscarding ? this.#skipLine(0) : 0;
    this.#delimiter ??= this.#findDelimiter(isLast);
    while (this.#delimiter !== undefined && at < this.#text.length) {
      const found = this.#recordAt(at, isLast);
      if (found === undefined) break;
      if (found.kind === 'record') {
        const row = this.#row(found.cells);
        if (row !== undefined) rows.push(row);
        this.#line += countNewlines(this.#text, at, found.next);
        at = found.next;
      } else {
        rows.push({ line: this.#line, text: this.#lineAt(at), reason: found.reason });
        at = this.#skipLine(at);
      }
    }
    this.#text = this.#text.slice(at);
    return rows;
  }

  /** Undefined = more text is needed. A record that grows beyond the limit is broken, whole or not. */
  #recordAt(at: number, isLast: boolean): Exclude<CsvRecord, { kind: 'unfinished' }> | undefined {
    const found = readCsvRecord(this.#text, at, this.#delimiter ?? ',', isLast);
    const end = found.kind === 'record' ? found.next : this.#text.length;
    const isTooLong = end - at > MAX_RECORD_LENGTH;
    const isOneLine = !this.#text.slice(at, end - 1).includes('\n');
    // The line of a broken record is taken whole, so that reading can go on behind it.
    if (found.kind === 'broken') return isOneLine && !isLast && !isTooLong ? undefined : found;
    if (!isTooLong) return found.kind === 'record' ? found : undefined;
    const reason = isOneLine ? 'is longer than 256 KiB' : 'opens a quote that is not closed within 256 KiB';
    return { kind: 'broken', reason };
  }

  #row(cells: readonly string[]): RawRow | undefined {
    const line = this.#line;
    if (cells.every((cell) => cell.trim() === '')) return undefined;
    if (this.#columns === undefined) {
      this.#columns = headerOf(cells);
      this.#onHeader(this.#columns);
      return undefined;
    }
    const columns = this.#columns;
    if (cells.length !== columns.length) {
      const text = excerpt(cells.join(this.#delimiter));
      return {
        line,
        text,
        reason: `has ${cells.length} values where the header has ${columns.length} columns`,
      };
    }
    return { line, record: Object.fromEntries(columns.map((column, index) => [column, cells[index]])) };
  }

  /** The one that the header line has most of; undefined = the line is not there yet. */
  #findDelimiter(isLast: boolean): string | undefined {
    const [header] = /[^\r\n]+(?=[\r\n])/.exec(this.#text) ?? [];
    if (header === undefined && !isLast && this.#text.length <= MAX_RECORD_LENGTH) return undefined;
    const count = (delimiter: string): number => (header ?? this.#text).split(delimiter).length;
    return DELIMITERS.reduce((best, other) => (count(other) > count(best) ? other : best));
  }

  #lineAt(at: number): string {
    const end = this.#text.indexOf('\n', at);
    return excerpt(this.#text.slice(at, end < 0 ? undefined : end).replace(/\r$/, ''));
  }

  #skipLine(at: number): number {
    const end = this.#text.indexOf('\n', at);
    this.#isDiscarding = end < 0;
    if (end >= 0) this.#line += 1;
    return end < 0 ? this.#text.length : end + 1;
  }
}

function headerOf(cells: readonly string[]): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  if (columns.length > MAX_COLUMNS) {
    throw new InputError(
      `the header has ${columns.length} columns, at most ${MAX_COLUMNS} are read: is it CSV?`,
    );
  }
  const twice = columns.find((column, index) => column !== '' && columns.indexOf(column) !== index);
  if (twice !== undefined) throw new InputError(`the column '${twice}' is there twice: rename one of them`);
  return columns;
}
