import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { ageOf } from '../../shared/rabbitmq/message-age.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import type { Task } from '../../shared/task/task.ts';

/** Tells that an entry stage begins with a task, in the words that operators grep, and how long it waited for that. */
export function notePickUp(
  { taskId, state }: Task,
  { message, queue }: Pick<Delivery, 'message' | 'queue'>,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): void {
  log.info(`Processing enrichment task: ${taskId}`);
  // One that comes back has waited for other things than its turn.
  if (state.timeline.length > 0 || message.fields.redelivered) return;
  const ageMs = ageOf(message, Date.now());
  if (ageMs !== undefined) metrics.of.queueWaitSeconds(queue).observe(ageMs / 1_000);
}
