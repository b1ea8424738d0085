/** The id of a job's task says which row it is: no index is needed to find it, and it reads as "row 42 of that job". */
const FORM =
  /^(([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-(\d{7,9}))(?:-edited-[0-9a-f]{32})?$/;
const DIGITS = 7;

export interface JobTaskKey {
  /** A lower-case uuid. */
  readonly jobId: string;
  /** Place in the submission, from 1. */
  readonly seq: number;
}

export const jobTaskId = ({ jobId, seq }: JobTaskKey): string =>
  `${jobId}-${String(seq).padStart(DIGITS, '0')}`;

/**
 * An edited task is another one with an id of its own; one that takes the place of a job's task still says which row it
 * settles. `digest` tells its edit from others: 32 hexadecimal digits.
 */
export function editedTaskId(id: string, digest: string): string {
  const key = parseJobTaskId(id);
  return key === undefined ? `edited-${digest}` : `${jobTaskId(key)}-edited-${digest}`;
}

/** Undefined = not the id of a job's task. Anybody may publish under any id: who trusts it looks the row up. */
export function parseJobTaskId(id: string): JobTaskKey | undefined {
  const [, rowId, jobId, digits] = FORM.exec(id) ?? [];
  if (jobId === undefined || digits === undefined) return undefined;
  const seq = Number(digits);
  // One spelling for each key.
  return seq > 0 && jobTaskId({ jobId, seq }) === rowId ? { jobId, seq } : undefined;
}
