/**
 * Tells whoever listens how each task ended: one message to a topic exchange after the commit of its row, and the delivery
 * of the task is acknowledged once the broker has confirmed it. So a crash in between tells it again (at least once; the
 * message id is the task's), and what is not told yet is bounded by what the consumers may hold. While the broker blocks,
 * telling waits like all publishing does.
 */
import type { Log } from '../../shared/observability/log.ts';
import { PublishError } from '../../shared/rabbitmq/publish-error.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { resultKey, RESULTS_EXCHANGE } from '../../shared/rabbitmq/topology.ts';
import { subjectOf } from '../../shared/task/letter-subject.ts';
import type { Buried, Completed } from './finished-task.ts';

export interface ResultEventsDeps {
  /** Of its own window: results never stand before tasks. */
  readonly publisher: Pick<ConfirmPublisher, 'publish'>;
  readonly log: Log;
}

const VERSION = 1;

/** Resolves when it was told, or will never be: nobody listens, or a listener's queue refuses it. Rejects at the end. */
export const createResultEvents =
  ({ publisher, log }: ResultEventsDeps) =>
  async (item: Completed | Buried): Promise<void> => {
    const event = 'row' in item ? eventOfRow(item) : eventOfLetter(item);
    try {
      await publisher.publish({
        exchange: RESULTS_EXCHANGE,
        routingKey: resultKey(event.pipeline, event.outcome),
        messageId: event.task_id,
        body: Buffer.from(JSON.stringify(event)),
        properties: { contentType: 'application/json', type: 'task.settled', timestamp: event.settled_at },
      });
    } catch (error) {
      if (!(error instanceof PublishError) || error.reason === 'closed') throw error;
      if (error.reason === 'unroutable') return;
      log.warn('a result could not be told', { taskId: event.task_id, error: error.message });
    }
  };

interface ResultEvent {
  readonly v: number;
  readonly task_id: string;
  readonly job_id: string | null;
  readonly owner: string;
  readonly pipeline: string;
  readonly entity_id: string | null;
  readonly outcome: string;
  readonly partial: boolean;
  readonly confidence: number | null;
  readonly source: string | null;
  readonly enriched: Readonly<Record<string, unknown>>;
  readonly error: string | null;
  /** Epoch seconds, as AMQP has them. */
  readonly settled_at: number;
}

const now = (): number => Math.floor(Date.now() / 1_000);

function eventOfRow({ work: { task, pipeline }, row, letter }: Completed): ResultEvent {
  return {
    v: VERSION,
    task_id: task.taskId,
    job_id: task.jobId ?? null,
    owner: row.owner,
    pipeline: pipeline.name,
    entity_id: row.id,
    outcome: row.outcome,
    partial: row.partial,
    confidence: row.match?.score ?? null,
    source: row.source ?? null,
    enriched: row.enriched,
    error: letter?.error ?? null,
    settled_at: now(),
  };
}

function eventOfLetter({ letter, pipeline }: Buried): ResultEvent {
  const { taskId, jobId, owner, entityId } = subjectOf(letter, pipeline.idField);
  return {
    v: VERSION,
    task_id: taskId ?? letter.id,
    job_id: jobId ?? null,
    owner,
    pipeline: pipeline.name,
    entity_id: entityId ?? null,
    outcome: 'dead',
    partial: false,
    confidence: null,
    source: null,
    enriched: {},
    error: letter.error,
    settled_at: now(),
  };
}
