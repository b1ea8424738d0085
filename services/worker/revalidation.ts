import { randomUUID } from 'node:crypto';
import type { Log } from '../../shared/observability/log.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { taskMessage } from '../../shared/rabbitmq/task-publisher.ts';
import { laneQueue } from '../../shared/rabbitmq/topology.ts';
import type { AnswerAddress } from '../../shared/redis/answer-cache.ts';
import type { Redis } from '../../shared/redis/redis-client.ts';
import { claimRevalidation } from '../../shared/redis/revalidation-claims.ts';
import { NEW_STATE, type Task } from '../../shared/task/task.ts';
import type { Work } from './work.ts';

export interface RevalidationDeps {
  readonly redis: Redis;
  readonly publisher: ConfirmPublisher;
  readonly log: Log;
}

/** Told of every stale answer that a task was given. */
export type OnStale = (work: Work, address: AnswerAddress) => void;

/**
 * Has stale answers asked for anew: one task of the backlog for each of them, however often it is served meanwhile. It
 * is the task that was served, once more, without its job: its row is written again, and everybody after it is given the
 * new answer. When it cannot be published nothing is lost but the hour until it is tried again.
 */
export function revalidation({ redis, publisher, log }: RevalidationDeps): OnStale {
  const ask = async (work: Work, address: AnswerAddress): Promise<void> => {
    if (!(await claimRevalidation(redis, address))) return;
    const task = onceMore(work.task);
    await publisher.publish(taskMessage(task, laneQueue(work.pipeline.prefix, 'backlog'), 'backlog'));
    log.debug('a stale answer is asked for anew', { provider: address.provider, taskId: task.taskId });
  };
  return (work, address) => {
    ask(work, address).catch((error: unknown) => {
      const { message } = error as Error;
      log.warn('a stale answer cannot be asked for anew', { provider: address.provider, error: message });
    });
  };
}

function onceMore({ pipeline, owner, entity, extra, providers, strategy }: Task): Task {
  return {
    taskId: randomUUID(),
    pipeline,
    owner,
    priority: 0,
    entity,
    extra,
    strategy,
    ...(providers && { providers }),
    state: { ...NEW_STATE, revalidatedAt: Date.now() },
  };
}
