import type { Row, RejectedRow } from '../../../shared/input/read-rows.ts';
import type { RejectsFile } from './rejects-file.ts';

/** Rejected rows that are shown; all of them are in the file. */
const SHOWN_REJECTS = 10;

/** One thing that is wrong with one row. */
export interface Reject {
  readonly line: number;
  readonly field: string;
  readonly value: string;
  readonly reason: string;
}

/** Counts what becomes of the rows. */
export class Tally {
  rows = 0;
  published = 0;
  rejected = 0;
  readonly rejects: Reject[] = [];
  readonly #file: RejectsFile | undefined;

  /** Without a file rejected rows are counted and shown only. */
  constructor(file?: RejectsFile) {
    this.#file = file;
  }

  count(row: Row): void {
    this.rows += 1;
    if ('problems' in row) this.reject(row);
  }

  /** Also for a row that turned out bad after it was counted. */
  reject(row: RejectedRow): void {
    this.rejected += 1;
    for (const problem of row.problems) {
      if (this.rejects.length < SHOWN_REJECTS) this.rejects.push({ line: row.line, ...problem });
    }
    this.#file?.add(row);
  }
}
