import { encodeReject, rejectHeader } from '../input/encode-reject.ts';
import type { RejectedRow } from '../input/read-rows.ts';
import type { Client } from '../postgres/dead-letters.ts';
import { findSubmittedColumns, listRejects } from '../postgres/jobs/find-tasks.ts';

export const REJECT_FORMATS = ['csv', 'ndjson'] as const;
export type RejectFormat = (typeof REJECT_FORMATS)[number];

export interface RejectsFile {
  readonly format: RejectFormat;
  /** Pieces of the file, in order. */
  readonly lines: AsyncIterable<string>;
}

const PAGE = 1_000;

/** The refused rows of a job, in the form of its file unless another one is wished for; page by page. */
export async function exportRejects(
  client: Client,
  jobId: string,
  wish?: RejectFormat,
): Promise<RejectsFile> {
  const columns = await findSubmittedColumns(client, jobId);
  const format = wish ?? (columns === undefined ? 'ndjson' : 'csv');
  return { format, lines: rejectLines(client, jobId, format === 'csv' ? (columns ?? []) : undefined) };
}

async function* rejectLines(
  client: Client,
  jobId: string,
  columns: readonly string[] | undefined,
): AsyncGenerator<string> {
  if (columns !== undefined) yield rejectHeader(columns);
  let after = 0;
  for (;;) {
    const page = await listRejects(client, jobId, { after, limit: PAGE });
    yield page.map((reject) => encodeReject(reject satisfies RejectedRow, columns)).join('');
    after = page.at(-1)?.seq ?? after;
    if (page.length < PAGE) return;
  }
}
