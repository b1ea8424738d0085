/** What is given up on: the letter that goes to the dead-letter queue, and then into the index of those. */
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { deadLetterQueue, EXCHANGE } from '../../shared/rabbitmq/topology.ts';
import {
  type DeadLetter,
  LETTER_PRIORITY,
  letterHeaders,
  letterId,
  readLetter,
} from '../../shared/task/dead-letter.ts';
import { fingerprintOf } from '../../shared/task/fingerprint.ts';
import { encodeTask } from '../../shared/task/message.ts';
import { carriedHeaders } from '../../shared/task/message-headers.ts';
import type { Completion } from '../../shared/task/plan.ts';
import type { Task } from '../../shared/task/task.ts';
import type { Work } from './work.ts';

/** Where a delivery was when it was given up on. */
export type Died = Pick<Work, 'delivery' | 'pipeline' | 'lane'>;

/** Why a message never becomes a task, or its row is refused. */
export interface Rejection {
  readonly body: Buffer;
  readonly taskId?: string;
  readonly reason: string;
  readonly error: string;
  readonly errorClass?: string;
}

/** The letter of a message that is no task, or of a task whose row the database refuses. */
export function letterOfRejection(died: Died, rejection: Rejection): DeadLetter {
  const { body, taskId, reason, error, errorClass = reason } = rejection;
  const { delivery, pipeline } = died;
  const { messageId } = delivery.message.properties as { messageId?: string };
  const replayed = readLetter({ content: body, properties: delivery.message.properties }, pipeline.name);
  return {
    ...circumstances(died, { reason, error, errorClass }),
    id: taskId ?? letterId(pipeline.name, body, messageId),
    attempts: 0,
    // A replay tells of the life before in the headers: there may be nothing else that can be read.
    replays: replayed.replays,
    ...(replayed.firstError === ''
      ? {}
      : { firstError: replayed.firstError, firstErrorAt: replayed.firstErrorAt }),
    priority: replayed.priority,
    ...(taskId === undefined && messageId !== undefined ? { messageId } : {}),
    body,
  };
}

/** The letter of a task whose providers failed. */
export function letterOfTask(work: Work, { missing }: Completion): DeadLetter {
  const { task } = work;
  const { failed, attempts, timeline, replay } = task.state;
  const errors = timeline.filter(({ errorClass }) => errorClass !== undefined);
  const provider = missing.find((name) => Object.hasOwn(failed, name));
  const cause = {
    reason: 'providers_failed',
    error: Object.values(failed).join('; '),
    errorClass: errors.findLast((entry) => entry.provider === provider)?.errorClass ?? 'unknown',
    ...(provider === undefined ? {} : { provider }),
  };
  return {
    ...circumstances(work, cause),
    id: task.taskId,
    // The try that ended it is in `failed` alone.
    attempts: Object.values(attempts).reduce((sum, count) => sum + count, Object.keys(failed).length),
    replays: replay?.count ?? 0,
    ...firstErrorOf(task, errors[0]),
    priority: task.priority,
    body: encodeTask(task),
  };
}

function firstErrorOf(
  { state: { replay } }: Task,
  first: Task['state']['timeline'][number] | undefined,
): Partial<Pick<DeadLetter, 'firstError' | 'firstErrorAt'>> {
  if (replay !== undefined) return { firstError: replay.firstError, firstErrorAt: replay.firstErrorAt };
  return first === undefined ? {} : { firstError: first.detail ?? '', firstErrorAt: first.at };
}

function circumstances(
  { delivery, pipeline, lane }: Died,
  cause: Pick<DeadLetter, 'reason' | 'error' | 'errorClass' | 'provider'>,
): Omit<DeadLetter, 'id' | 'attempts' | 'replays' | 'priority' | 'body'> {
  const headers = (delivery.message.properties.headers ?? {}) as Record<string, unknown>;
  const diedAt = Date.now();
  return {
    ...cause,
    pipeline: pipeline.name,
    fingerprint: fingerprintOf(cause),
    diedAt,
    firstError: cause.error,
    firstErrorAt: diedAt,
    originQueue: delivery.queue,
    lane,
    headers: carriedHeaders(headers),
  };
}

/**
 * Publishes to the dead-letter queue of the pipeline. Resolves when the broker has it; the delivery is to be acknowledged
 * after that, and after the letter is in the index.
 */
export async function publishDeadLetter(
  publisher: ConfirmPublisher,
  { pipeline, delivery }: Died,
  letter: DeadLetter,
  metrics: Metrics,
): Promise<void> {
  await publisher.publish({
    exchange: EXCHANGE,
    routingKey: deadLetterQueue(pipeline.prefix),
    body: letter.body,
    messageId: letter.id,
    properties: {
      contentType: 'application/json',
      priority: LETTER_PRIORITY,
      headers: letterHeaders(letter),
    },
    cause: delivery.span,
  });
  metrics.deadLetters.inc({ pipeline: pipeline.name, reason: letter.reason });
}
