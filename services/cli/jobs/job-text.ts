/** Jobs as text. */
import { ago, shortened, table } from '../dlq/letter-table.ts';
import { type Progress, duration, thousands } from '../progress-line.ts';
import type { JobProgress, JobView, SubmittedView } from './job-view.ts';

const LABEL_WIDTH = 40;

export const jobsTable = (jobs: readonly JobView[]): string =>
  table(
    ['JOB', 'STATUS', 'DONE', 'TASKS', 'FAILED', 'LEFT', 'SUBMITTED', 'PIPELINE', 'LABEL'],
    jobs.map((job) => [
      job.id,
      job.status,
      `${Math.floor(job.progress_percent)} %`,
      thousands(job.counts.total),
      thousands(job.counts.failed),
      leftText(job),
      ago(Date.parse(job.created_at)),
      job.pipeline,
      shortened(job.label ?? '', LABEL_WIDTH),
    ]),
  );

/** What `enrich jobs show` says: one fact a line. */
export function jobText(job: JobView): string {
  const { counts, position } = job;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Job', job.id],
    ['Label', job.label === null ? undefined : shortened(job.label, 200)],
    [
      'Status',
      `${job.status}${typeof position !== 'number' ? '' : `, ${thousands(position)} jobs of its lane before it`}`,
    ],
    ['Pipeline', `${job.pipeline}, ${job.lane} lane, priority ${job.priority}`],
    ['Progress', `${Math.floor(job.progress_percent)} % of ${thousands(counts.total)} tasks`],
    ['Outcomes', outcomesText(job)],
    ['Under way', `${thousands(counts.running)} handed over, ${thousands(counts.queued)} not yet`],
    ['Rows left out', `${thousands(counts.rejected)} rejected, ${thousands(counts.duplicates)} duplicates`],
    ['Pace', joined(paceParts(job), ', ')],
    [
      'Asked',
      `${thousands(job.requests)} requests${job.cost_usd > 0 ? `, ${job.cost_usd.toFixed(2)} USD` : ''}`,
    ],
    ['Submitted', `${job.created_at} (${ago(Date.parse(job.created_at))})`],
    ['Ended', job.ended_at ?? undefined],
    ['Error', job.error === null ? undefined : shortened(job.error, 500)],
  ];
  return facts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name.padEnd(14)}${value ?? ''}`)
    .join('\n');
}

/** `240 enriched, 12 not found, 8 failed`: what there is none of is left out. */
export function outcomesText({ counts }: JobProgress): string {
  const outcomes: readonly (readonly [number, string])[] = [
    [counts.enriched, 'enriched'],
    [counts.not_found, 'not found'],
    [counts.ambiguous, 'ambiguous'],
    [counts.failed, 'failed'],
    [counts.cancelled, 'cancelled'],
  ];
  const there = outcomes.filter(([count]) => count > 0).map(([count, name]) => `${thousands(count)} ${name}`);
  return there.length === 0 ? 'none yet' : there.join(', ');
}

export function submittedText(job: SubmittedView): string {
  const { counts } = job;
  const known = job.is_new ? '' : ' (it was there already)';
  const out = [
    ...(counts.duplicates > 0 ? [`${thousands(counts.duplicates)} duplicates`] : []),
    ...(counts.rejected > 0 ? [`${thousands(counts.rejected)} rejected`] : []),
  ];
  const leftOut = out.length > 0 ? `; ${out.join(' and ')} left out` : '';
  return `Job ${job.id}${known}: ${thousands(counts.total)} tasks of ${thousands(job.rows)} rows${leftOut}.`;
}

/** One line of progress for where nothing is drawn over: a log, a pipe. */
export const plainProgress = (job: JobProgress): string =>
  [
    job.status,
    `${Math.floor(job.progress_percent)} % of ${thousands(job.counts.total)}`,
    outcomesText(job),
    ...(isMeasured(job) ? paceParts(job) : []),
  ].join('  ');

/** The same for a line that is. */
export function drawnProgress(job: JobProgress): Progress {
  const { counts, eta_s: secondsLeft, rate_per_s: perSecond, status } = job;
  const isKnown = isMeasured(job);
  const failed = counts.failed > 0 ? `${thousands(counts.failed)} failed` : '';
  const hasBegun = counts.processed + counts.failed > 0;
  const waiting = hasBegun || status !== 'running' ? '' : 'no pace yet';
  const remark = [status === 'running' ? '' : status, waiting, failed].filter(Boolean).join(', ');
  return {
    count: counts.processed + counts.failed,
    fraction: job.progress_percent / 100,
    pace: isKnown ? { perSecond, ...(secondsLeft !== null && { secondsLeft }) } : 'unknown',
    ...(remark !== '' && { remark }),
  };
}

/** Before the first tasks are settled there is only a guess at what providers will do: nothing to watch. */
const isMeasured = ({ rate_per_s: perSecond, counts }: JobProgress): boolean =>
  perSecond > 0 && counts.processed + counts.failed > 0;

/** `4.2/s`, `3 min left`: only what is known, and nothing of what has come to its end. */
function paceParts({ rate_per_s: perSecond, eta_s: secondsLeft }: JobProgress): readonly string[] {
  const left = secondsLeft === null || secondsLeft === 0 ? [] : [`${duration(secondsLeft)} left`];
  return [...(perSecond > 0 ? [`${perSecond}/s`] : []), ...left];
}

const joined = (parts: readonly string[], by: string): string | undefined =>
  parts.length === 0 ? undefined : parts.join(by);

function leftText({ eta_s: seconds }: JobProgress): string {
  if (seconds === null) return 'unknown';
  return seconds === 0 ? '-' : duration(seconds);
}
