import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Outcome } from '../../shared/task/result.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { Completed } from './result-writer.ts';

const WORDS: Readonly<Record<Exclude<Outcome, 'enriched'>, string>> = {
  not_found: 'No match',
  ambiguous: 'Ambiguous',
  dead: '✗ Given up, in the dead-letter queue',
  cancelled: 'Cancelled',
};

/** Counts and logs what became of a task, once its row is committed. The wording of the lines is what operators grep. */
export function taskReport(deps: {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly desks: ReadonlyMap<string, LookUpDesk>;
}): (completed: Completed) => void {
  const { log, metrics, desks } = deps;
  return ({ work, row }) => {
    const { task, pipeline, lane, delivery } = work;
    const labels = { pipeline: pipeline.name, lane, outcome: row.outcome };
    const heldMs = performance.now() - delivery.receivedAt;
    metrics.tasksProcessed.inc(labels);
    metrics.taskSeconds.observe(labels, heldMs / 1_000);
    if (!log.isEnabled('info')) return;
    const label = pipeline.label(task.entity);
    const facts = {
      taskId: task.taskId,
      ...(task.jobId === undefined ? {} : { jobId: task.jobId }),
      outcome: row.outcome,
      durationMs: Math.round(heldMs),
    };
    for (const { event, provider } of task.state.timeline) {
      const title = provider === undefined ? undefined : desks.get(provider)?.provider.definition.title;
      if (event === 'cache_hit' && title !== undefined) log.info(`✓ ${title} cache hit: ${label}`, facts);
    }
    if (row.outcome === 'enriched')
      log.info(`✓ Enriched: ${label} (source: ${row.source ?? 'unknown'})`, facts);
    else log.info(`${WORDS[row.outcome]}: ${label}`, facts);
  };
}
