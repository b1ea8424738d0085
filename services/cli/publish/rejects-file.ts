import { closeSync, openSync, writeSync } from 'node:fs';
import { encodeReject, rejectHeader } from '../../../shared/input/encode-reject.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import type { RejectedRow } from '../../../shared/input/read-rows.ts';

const BUFFERED_LENGTH = 64 * 1024;

/**
 * Rejected rows as a file that can be corrected and published again. It is made when the first row is rejected, over a
 * file of that name; nothing rejected = no file.
 */
export class RejectsFile {
  readonly #path: (extension: 'csv' | 'ndjson') => string;
  #columns: readonly string[] | undefined;
  #opened: { readonly path: string; readonly descriptor: number } | undefined;
  #text = '';

  constructor(path: (extension: 'csv' | 'ndjson') => string) {
    this.#path = path;
  }

  /** Undefined while nothing was rejected. */
  get path(): string | undefined {
    return this.#opened?.path;
  }

  /** The rows are those of a CSV file, and are written as one. */
  setColumns(columns: readonly string[]): void {
    this.#columns = columns;
  }

  /** Throws InputError when the file cannot be written. Synchronous: rejects are few, and none may be overtaken by an exit. */
  add(row: RejectedRow): void {
    this.#opened ??= this.#open();
    this.#text += encodeReject(row, this.#columns);
    if (this.#text.length > BUFFERED_LENGTH) this.#write();
  }

  close(): void {
    if (this.#opened === undefined) return;
    this.#write();
    closeSync(this.#opened.descriptor);
  }

  #open(): { path: string; descriptor: number } {
    const path = this.#path(this.#columns === undefined ? 'ndjson' : 'csv');
    if (this.#columns !== undefined) this.#text = rejectHeader(this.#columns);
    try {
      return { path, descriptor: openSync(path, 'w') };
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      throw new InputError(
        `cannot write rejected rows to '${path}' (${code}): name another file with --rejects`,
        {
          cause: error,
        },
      );
    }
  }

  #write(): void {
    if (this.#opened !== undefined) writeSync(this.#opened.descriptor, this.#text);
    this.#text = '';
  }
}
