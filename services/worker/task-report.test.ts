import { type Log, type LogFields, SILENT } from '../../shared/observability/log.ts';
import { openMetrics } from '../../shared/observability/metrics.ts';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import type { Outcome } from '../../shared/task/result.ts';
import type { TimelineEntry } from '../../shared/task/task.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { Completed } from './finished-task.ts';
import { taskReport } from './task-report.ts';

interface Line {
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** Only what the report reads is there. */
function completed(
  outcome: Outcome,
  timeline: readonly Partial<TimelineEntry>[] = [],
  timestamp?: number,
): Completed {
  const entity = { track_id: 't1', artist: 'Deadmau5', title: 'Strobe' };
  const task = { taskId: 'task-1', jobId: 'job-1', entity, state: { timeline } };
  const delivery = { receivedAt: performance.now(), message: { properties: { timestamp } } };
  return {
    work: { task, delivery, pipeline: tracks, lane: 'priority' },
    row: { outcome, source: 'spotify' },
  } as unknown as Completed;
}

function linesFor(
  one: Completed,
  metrics = openMetrics({ version: '1', service: 'tests' }),
): readonly Line[] {
  const lines: Line[] = [];
  const log: Log = {
    ...SILENT,
    info: (message, fields) => lines.push({ message, fields }),
    isEnabled: () => true,
  };
  const spotify = { provider: { definition: { title: 'Spotify' } } } as unknown as LookUpDesk;
  taskReport({
    log,
    metrics,
    desks: new Map([['spotify', spotify]]),
  })(one);
  return lines;
}

test('an enriched task is told with its source, its ids and how long it took', () => {
  const facts = {
    taskId: 'task-1',
    jobId: 'job-1',
    outcome: 'enriched',
    durationMs: expect.any(Number) as number,
  };
  expect(linesFor(completed('enriched'))).toEqual([
    { message: '✓ Enriched: Deadmau5 - Strobe (source: spotify)', fields: facts },
  ]);
});

test('an answer from the cache is told with the name of its provider', () => {
  const [line] = linesFor(completed('enriched', [{ event: 'cache_hit', provider: 'spotify' }]));
  expect(line?.message).toBe('✓ Spotify cache hit: Deadmau5 - Strobe');
});

test.each([
  ['not_found', 'No match: Deadmau5 - Strobe'],
  ['ambiguous', 'Ambiguous: Deadmau5 - Strobe'],
  ['dead', '✗ Given up, in the dead-letter queue: Deadmau5 - Strobe'],
  ['cancelled', 'Cancelled: Deadmau5 - Strobe'],
] as const)('a task that ended %s says so', (outcome, message) => {
  expect(linesFor(completed(outcome)).map((line) => line.message)).toEqual([message]);
});

test('a settled task is counted with its tries, and with its age since it was published', async () => {
  const metrics = openMetrics({ version: '1', service: 'tests' });
  const timeline = ['look_up', 'retried', 'cache_hit', 'failed'].map((event) => ({ event }));
  const publishedAt = Math.floor(Date.now() / 1_000) - 100;
  linesFor(completed('enriched', timeline, publishedAt), metrics);
  linesFor(completed('enriched'), metrics);
  const text = await metrics.registry.metrics();
  expect(text).toMatch(/enrichment_task_attempts_sum\{pipeline="tracks"\} 3\n/);
  expect(text).toMatch(/enrichment_task_attempts_bucket\{le="0",pipeline="tracks"\} 1\n/);
  expect(text).toMatch(/enrichment_task_turnaround_seconds_count\{pipeline="tracks",lane="priority"\} 1\n/);
  expect(text).toMatch(/enrichment_task_turnaround_seconds_bucket\{le="60",.*\} 0\n/);
  expect(text).toMatch(/enrichment_task_turnaround_seconds_bucket\{le="300",.*\} 1\n/);
});
