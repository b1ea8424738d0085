/**
 * JSON as one list, as one object, as `{"records": […]}`, or as objects one after the other. Each record is cut out of
 * the text and parsed alone: memory is bounded by one record, the line of each is known, and one that is not JSON costs
 * only itself as long as its brackets and quotes pair up.
 */
import { JsonValueScanner, skipBlanks, wrappedListAt } from './json-value-scanner.ts';
import { parseJsonRow } from './ndjson-rows.ts';
import { countNewlines, excerpt, MAX_RECORD_LENGTH } from './raw-row.ts';
import type { RawRow, RowParser } from './raw-row.ts';

export class JsonRows implements RowParser {
  #text = '';
  /** How much of `#text` is done with. */
  #at = 0;
  /** Of the character at `#at`. */
  #line = 1;
  /** `tail` = behind the records of a wrapper: of no interest. */
  #where: 'top' | 'list' | 'wrapped list' | 'tail' = 'top';
  #scanner = new JsonValueScanner();
  /** Characters after `#at` that the scanner has seen; 0 = between values. */
  #scanned = 0;
  /** Inside a value that is too long to keep. */
  #isDiscarding = false;

  push(text: string): RawRow[] {
    this.#text = this.#where === 'tail' ? '' : this.#text.slice(this.#at) + text;
    this.#at = 0;
    const rows: RawRow[] = [];
    while (this.#where !== 'tail' && this.#step(rows));
    return rows;
  }

  end(): RawRow[] {
    const rest = this.#text.slice(this.#at);
    if (this.#where === 'tail' || this.#isDiscarding) return [];
    if (rest !== '') return [parseJsonRow(this.#line, rest)];
    if (this.#where === 'top') return [];
    return [{ line: this.#line, text: '', reason: 'is the end of the file in the middle of the list' }];
  }

  /** Takes one value or bracket; false = more text is needed. */
  #step(rows: RawRow[]): boolean {
    const isBetween = this.#scanned === 0 && !this.#isDiscarding;
    if (isBetween) this.#advance(skipBlanks(this.#text, this.#at, ','));
    if (this.#at === this.#text.length) return false;
    if (this.#where === 'top' && !this.#isDiscarding) {
      if (this.#text[this.#at] === '[') return this.#enter('list', this.#at + 1);
      const list = wrappedListAt(this.#text, this.#at);
      if (list !== undefined) return this.#enter('wrapped list', list);
    } else if (isBetween && this.#text[this.#at] === ']') {
      return this.#enter(this.#where === 'list' ? 'top' : 'tail', this.#at + 1);
    }
    return this.#takeValue(rows);
  }

  #enter(where: 'top' | 'list' | 'wrapped list' | 'tail', at: number): boolean {
    this.#advance(at);
    this.#scanner = new JsonValueScanner();
    this.#where = where;
    return true;
  }

  #takeValue(rows: RawRow[]): boolean {
    const end = this.#scanner.scan(this.#text, this.#at + this.#scanned);
    if (end === undefined) {
      this.#waitForMore(rows);
      return false;
    }
    if (!this.#isDiscarding) rows.push(parseJsonRow(this.#line, this.#text.slice(this.#at, end)));
    this.#isDiscarding = false;
    // A bracket that closes nothing is a value of no length: it is left behind all the same.
    this.#advance(Math.max(end, this.#at + 1));
    return true;
  }

  #waitForMore(rows: RawRow[]): void {
    this.#scanned = this.#text.length - this.#at;
    if (this.#scanned > MAX_RECORD_LENGTH && !this.#isDiscarding) {
      rows.push({
        line: this.#line,
        text: excerpt(this.#text.slice(this.#at)),
        reason: 'is longer than 256 KiB',
      });
      this.#isDiscarding = true;
    }
    if (this.#isDiscarding) this.#advance(this.#text.length);
  }

  #advance(to: number): void {
    this.#line += countNewlines(this.#text, this.#at, to);
    this.#at = to;
    this.#scanned = 0;
  }
}
