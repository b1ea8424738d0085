import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Outcome } from '../../shared/task/result.ts';
import { ageOf } from '../../shared/rabbitmq/message-age.ts';
import type { LookUpDesk } from './look-up-desk.ts';
import type { Completed } from './finished-task.ts';

const WORDS: Readonly<Record<Exclude<Outcome, 'enriched'>, string>> = {
  not_found: 'No match',
  ambiguous: 'Ambiguous',
  dead: '✗ Given up, in the dead-letter queue',
  cancelled: 'Cancelled',
};

const TRIES: ReadonlySet<string> = new Set(['look_up', 'retried', 'failed']);

/** Counts and logs what became of a task, once its row is committed. The wording of the lines is what operators grep. */
export function taskReport(deps: {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly desks: ReadonlyMap<string, LookUpDesk>;
}): (completed: Completed) => void {
  const { log, metrics, desks } = deps;
  return ({ work, row }) => {
    const { task, pipeline, lane, delivery } = work;
    const heldMs = performance.now() - delivery.receivedAt;
    metrics.of.tasksProcessed(pipeline.name, lane, row.outcome).inc();
    metrics.of.taskSeconds(pipeline.name, lane, row.outcome).observe(heldMs / 1_000);
    metrics.of
      .attempts(pipeline.name)
      .observe(task.state.timeline.filter(({ event }) => TRIES.has(event)).length);
    const ageMs = ageOf(delivery.message, Date.now());
    if (ageMs !== undefined) metrics.of.turnaroundSeconds(pipeline.name, lane).observe(ageMs / 1_000);
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
