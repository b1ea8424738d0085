import type { DeadLetter } from '../../shared/task/dead-letter.ts';
import type { ResultRow } from '../../shared/task/result.ts';
import type { Died } from './dead-letters.ts';
import type { Work } from './work.ts';

/** A task that has come to its end. */
export interface Completed {
  readonly work: Work;
  readonly row: ResultRow;
  /** Of a dead task: indexed in the transaction of its row. It is in its queue by now. */
  readonly letter?: DeadLetter;
}

/** A dead letter without a result, since nothing could be read or the row was refused. */
export interface Buried extends Died {
  readonly letter: DeadLetter;
}
