/** The id of a job's task says which row it is: no index is needed to find it, and it reads as "row 42 of that job". */
const FORM = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{7,9})$/;
const DIGITS = 7;

export interface JobTaskKey {
  /** A lower-case uuid. */
  readonly jobId: string;
  /** Place in the submission, from 1. */
  readonly seq: number;
}

export const jobTaskId = ({ jobId, seq }: JobTaskKey): string =>
  `${jobId}-${String(seq).padStart(DIGITS, '0')}`;

/** Undefined = not the id of a job's task. Anybody may publish under any id: who trusts it looks the row up. */
export function parseJobTaskId(id: string): JobTaskKey | undefined {
  const [, jobId, digits] = FORM.exec(id) ?? [];
  if (jobId === undefined || digits === undefined) return undefined;
  const seq = Number(digits);
  // One spelling for each key.
  return seq > 0 && jobTaskId({ jobId, seq }) === id ? { jobId, seq } : undefined;
}
