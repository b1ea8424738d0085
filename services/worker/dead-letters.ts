import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import type { Delivery } from '../../shared/rabbitmq/queue-consumer.ts';
import { deadLetterQueue, EXCHANGE } from '../../shared/rabbitmq/topology.ts';
import { randomUUID } from 'node:crypto';

export interface DeadLetter {
  readonly pipeline: Pipeline;
  readonly body: Buffer;
  readonly taskId: string | undefined;
  /** A fixed word: `not_json`, `invalid`, `providers_failed`, … */
  readonly reason: string;
  /** For people. */
  readonly error: string;
  readonly provider?: string;
  readonly attempts?: number;
}

/** Headers share a frame with nothing else, but a table beyond 64 KiB is refused: errors are cut to this. */
const MAX_ERROR_LENGTH = 2_000;

/**
 * Publishes to the dead-letter queue of the pipeline, with what somebody needs to decide about it. Resolves when the
 * broker has it; the delivery is still to be acknowledged by the caller, after that.
 */
export async function publishDeadLetter(
  publisher: ConfirmPublisher,
  delivery: Delivery,
  letter: DeadLetter,
  metrics: Metrics,
): Promise<void> {
  const { pipeline, reason, provider, attempts } = letter;
  await publisher.publish({
    exchange: EXCHANGE,
    routingKey: deadLetterQueue(pipeline.prefix),
    body: letter.body,
    messageId: letter.taskId ?? randomUUID(),
    properties: {
      contentType: 'application/json',
      headers: {
        'x-reason': reason,
        'x-error': letter.error.slice(0, MAX_ERROR_LENGTH),
        'x-origin-queue': delivery.queue,
        'x-died-at': new Date().toISOString(),
        ...(provider === undefined ? {} : { 'x-provider': provider }),
        ...(attempts === undefined ? {} : { 'x-attempts': attempts }),
      },
    },
  });
  metrics.deadLetters.inc({ pipeline: pipeline.name, reason });
}
