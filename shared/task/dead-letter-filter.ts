import type { DeadLetter } from './dead-letter.ts';
import { ownerOf } from './letter-subject.ts';
import { parseJobTaskId } from './job-task-id.ts';

/** Which dead letters are meant; what is absent allows everything. The index and the queue understand it alike. */
export interface DeadLetterFilter {
  readonly id?: string;
  readonly pipeline?: string;
  /** Fingerprint, or the beginning of one. */
  readonly group?: string;
  readonly provider?: string;
  readonly reason?: string;
  /** Those of the tasks of this job. */
  readonly jobId?: string;
  /** Epoch milliseconds: those that died then or later. */
  readonly since?: number;
  /** Text in the last error or in the body, whatever the case. */
  readonly grep?: string;
  /** Whose record it is about; empty = nobody's in particular. */
  readonly owner?: string;
}

/** Whether a message in the queue is meant. */
export function matchesFilter(letter: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    isOne(filter.id, letter.id) &&
    isOne(filter.pipeline, letter.pipeline) &&
    (filter.group === undefined || letter.fingerprint.startsWith(filter.group)) &&
    isOne(filter.provider, letter.provider) &&
    isOne(filter.reason, letter.reason) &&
    (filter.jobId === undefined || parseJobTaskId(letter.id)?.jobId === filter.jobId) &&
    (filter.since === undefined || letter.diedAt >= filter.since) &&
    (filter.grep === undefined || holds(letter, filter.grep.toLowerCase())) &&
    (filter.owner === undefined || ownerOf(letter) === filter.owner)
  );
}

const isOne = (wanted: string | undefined, is: string | undefined): boolean =>
  wanted === undefined || wanted === is;

const holds = ({ error, body }: DeadLetter, text: string): boolean =>
  error.toLowerCase().includes(text) || body.toString('utf8').toLowerCase().includes(text);
