import { laneQueue } from '../../../shared/rabbitmq/topology.ts';
import { duration, thousands } from '../progress-line.ts';
import type { PublishRequest } from './publish-request.ts';
import type { PublishResult } from './publish-file.ts';
import type { Tally } from './tally.ts';

export interface PublishFacts {
  readonly request: PublishRequest;
  readonly result: PublishResult;
  readonly seconds: number;
  /** Rows that were left out, since an equal one had been published within the window. */
  readonly duplicates: number;
  readonly rejectsPath: string | undefined;
  readonly isInterrupted: boolean;
}

/** The one document that `--json` prints. */
export function publishDocument({
  request,
  result,
  seconds,
  duplicates,
  rejectsPath,
  isInterrupted,
}: PublishFacts): object {
  const { rows, published, rejected, rejects } = result.tally;
  return {
    file: request.file,
    pipeline: request.pipeline.name,
    rows,
    published: published - duplicates,
    duplicates,
    rejected,
    rejected_rows: rejects,
    rejects_file: rejectsPath ?? null,
    duration_s: Math.round(seconds * 1_000) / 1_000,
    interrupted: isInterrupted,
    error: isInterrupted ? null : (result.failure?.message ?? null),
  };
}

/** For people: what was achieved. */
export function publishSummary({
  request,
  result,
  seconds,
  duplicates,
  isInterrupted,
}: PublishFacts): string {
  const { rows, rejected } = result.tally;
  const published = result.tally.published - duplicates;
  const { pipeline, lane } = request;
  const lanes = lane === undefined ? `the ${pipeline.name} pipeline` : laneQueue(pipeline.prefix, lane);
  const rate = seconds > 0 ? ` (${thousands(Math.round(published / seconds))}/s)` : '';
  const read = `${thousands(published)} of ${thousands(rows)} rows`;
  if (isInterrupted) {
    return (
      `Interrupted: ${read} read so far are confirmed. Running the same command again is safe: ` +
      'records have the same ids, and none is looked up twice.'
    );
  }
  if (request.isStrict && rejected > 0 && published === 0) {
    return `Nothing published: ${thousands(rejected)} of ${thousands(rows)} rows are bad, and --strict was asked for.`;
  }
  const left = duplicates > 0 ? ` ${thousands(duplicates)} were published before and left out.` : '';
  return `${read} published to ${lanes} in ${duration(seconds)}${rate}.${left}`;
}

/** For people: the first rejected rows, and where all of them are. */
export function rejectLines({ rejected, rejects }: Tally, path: string | undefined): string[] {
  if (rejected === 0) return [];
  const shown = rejects.map(({ line, field, value, reason }) => {
    const where = field === '' ? '' : ` ${field}:`;
    return `  line ${line}:${where} ${reason}${value === '' || reason.includes(value) ? '' : `, got '${value}'`}`;
  });
  const distinct = new Set(rejects.map(({ line }) => line)).size;
  const more = rejected > distinct ? [`  … and ${thousands(rejected - distinct)} more`] : [];
  const all =
    path === undefined
      ? []
      : [`All of them with their reasons: ${path}. Correct them there and publish that file.`];
  return [`${thousands(rejected)} ${rejected === 1 ? 'row' : 'rows'} rejected:`, ...shown, ...more, ...all];
}
