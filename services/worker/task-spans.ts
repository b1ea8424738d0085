/** What the spans of a task tell about it: where it went, what it came to, and the commit that it was part of. */
import { tracer } from '../../shared/observability/tracing.ts';
import type { Died } from './dead-letters.ts';
import type { Buried, Completed } from './finished-task.ts';

/** Before the delivery is settled, which ends its span. */
export function noteOutcome({ delivery, pipeline, lane }: Died, outcome: string, jobId?: string): void {
  delivery.span?.note({
    'enrichment.pipeline': pipeline.name,
    'enrichment.lane': lane,
    'enrichment.outcome': outcome,
    ...(jobId === undefined ? {} : { 'enrichment.job.id': jobId }),
  });
}

/** Tasks that were committed together: each has the commit in its own trace. `beganAt`: epoch milliseconds. */
export function noteCommit(items: readonly (Completed | Buried)[], beganAt: number): void {
  const active = tracer();
  if (active === undefined) return;
  for (const item of items) {
    const died = 'row' in item ? item.work : item;
    if ('row' in item) noteOutcome(died, item.row.outcome, item.work.task.jobId);
    else noteOutcome(died, 'dead');
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': 'COMMIT',
      'db.operation.batch.size': items.length,
    };
    active
      .start('COMMIT', { kind: 'client', parent: died.delivery.span, attributes, startedAt: beganAt })
      .end();
  }
}
