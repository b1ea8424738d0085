import { excerpt, MAX_RECORD_LENGTH } from './raw-row.ts';
import type { RawRow, RowParser } from './raw-row.ts';

/** One JSON object a line. A broken line costs that line. Blank lines are nothing. */
export class NdjsonRows implements RowParser {
  #text = '';
  /** Of the beginning of `#text`. */
  #line = 1;
  #isDiscarding = false;

  push(text: string): RawRow[] {
    this.#text += text;
    const rows: RawRow[] = [];
    let at = 0;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n', at)) {
      if (!this.#isDiscarding) this.#add(rows, this.#text.slice(at, end));
      this.#isDiscarding = false;
      this.#line += 1;
      at = end + 1;
    }
    this.#text = this.#isDiscarding ? '' : this.#text.slice(at);
    if (this.#text.length > MAX_RECORD_LENGTH) {
      this.#add(rows, this.#text);
      this.#text = '';
      this.#isDiscarding = true;
    }
    return rows;
  }

  end(): RawRow[] {
    const rows: RawRow[] = [];
    if (!this.#isDiscarding) this.#add(rows, this.#text);
    return rows;
  }

  #add(rows: RawRow[], text: string): void {
    if (text.trim() !== '') rows.push(parseJsonRow(this.#line, text));
  }
}

/** The row that a JSON text makes; what is no object within the limit is a broken one. */
export function parseJsonRow(line: number, text: string): RawRow {
  if (text.length > MAX_RECORD_LENGTH) {
    return { line, text: excerpt(text), reason: 'is longer than 256 KiB' };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { line, text: excerpt(text.trim()), reason: `is not JSON: ${(error as Error).message}` };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { line, text: excerpt(text.trim()), reason: 'is not a JSON object' };
  }
  return { line, record: value as Record<string, unknown> };
}
