/** What is done about a task once it is known what comes next: written, moved to a provider, tried later, given up. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import { relocate } from '../../shared/rabbitmq/relocate.ts';
import { laneQueue, providerPrefix } from '../../shared/rabbitmq/topology.ts';
import { mergeAnswers } from '../../shared/task/merge.ts';
import { encodeTask } from '../../shared/task/message.ts';
import type { Completion } from '../../shared/task/plan.ts';
import { type ResultRow, verdictTime } from '../../shared/task/result.ts';
import type { RetryStep } from '../../shared/task/retry-policy.ts';
import { publishDeadLetter } from './dead-letters.ts';
import type { ResultWriter } from './result-writer.ts';
import type { Work } from './work.ts';

export interface TaskRouterDeps {
  readonly publisher: ConfirmPublisher;
  readonly writer: ResultWriter;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly chain: (work: Work) => readonly string[];
  readonly known: readonly string[];
  readonly stopping: AbortSignal;
}

/** Before a delivery whose move failed is handed back: it would be redelivered at once. */
const HAND_BACK_DELAY_MS = 1_000;

export class TaskRouter {
  readonly #deps: TaskRouterDeps;

  constructor(deps: TaskRouterDeps) {
    this.#deps = deps;
  }

  /** To the stage of this provider, in the same lane. */
  forward(work: Work, provider: string): void {
    void this.#move(work, laneQueue(providerPrefix(provider), work.lane), 'forwarded');
  }

  /** Back to this queue after a step of the delay ladder. */
  later(work: Work, queue: string, after: RetryStep, outcome: 'retried' | 'deferred'): void {
    void this.#move(work, queue, outcome, after);
  }

  /** Back to the entry stage of its pipeline after a step of the delay ladder. */
  reenter(work: Work, after: RetryStep): void {
    this.later(work, laneQueue(work.pipeline.prefix, work.lane), after, 'deferred');
  }

  /** Nothing is left to ask. A dead task is in the dead-letter queue before its row says so. */
  async complete(work: Work, completion: Completion): Promise<void> {
    if (completion.outcome === 'dead' && !(await this.#bury(work, completion))) return;
    this.#deps.writer.add({ work, row: this.#rowOf(work, completion) });
  }

  /** Never to be a task, or refused by the database: to the dead letters with its reason. */
  async reject(
    work: Pick<Work, 'delivery' | 'pipeline' | 'lane'>,
    letter: { body: Buffer; taskId?: string; reason: string; error: string },
  ): Promise<void> {
    const { delivery, pipeline, lane } = work;
    try {
      await publishDeadLetter(
        this.#deps.publisher,
        delivery,
        { pipeline, taskId: undefined, ...letter },
        this.#deps.metrics,
      );
      delivery.ack();
      this.#deps.metrics.tasksProcessed.inc({ pipeline: pipeline.name, lane, outcome: 'dead' });
      this.#deps.log.warn('message is no task', {
        queue: delivery.queue,
        reason: letter.reason,
        error: letter.error,
      });
    } catch (error) {
      await this.#handBack(work, error as Error);
    }
  }

  async #bury(work: Work, completion: Completion): Promise<boolean> {
    const { task, pipeline, delivery } = work;
    const provider = completion.missing[0];
    const letter = {
      pipeline,
      body: encodeTask(task),
      taskId: task.taskId,
      reason: 'providers_failed',
      error: Object.values(task.state.failed).join('; '),
      attempts: Object.values(task.state.attempts).reduce((sum, count) => sum + count, 0),
      ...(provider === undefined ? {} : { provider }),
    };
    try {
      await publishDeadLetter(this.#deps.publisher, delivery, letter, this.#deps.metrics);
      return true;
    } catch (error) {
      await this.#handBack(work, error as Error);
      return false;
    }
  }

  async #move(
    work: Work,
    queue: string,
    outcome: 'forwarded' | 'retried' | 'deferred',
    after?: RetryStep,
  ): Promise<void> {
    const { task, delivery, lane, pipeline } = work;
    const relocation = {
      queue,
      lane,
      body: encodeTask(task),
      messageId: task.taskId,
      priority: task.priority,
      ...(after === undefined ? {} : { after }),
    };
    try {
      await relocate(this.#deps.publisher, delivery, relocation);
      this.#deps.metrics.tasksProcessed.inc({ pipeline: pipeline.name, lane, outcome });
    } catch (error) {
      await this.#handBack(work, error as Error);
    }
  }

  async #handBack({ delivery }: Pick<Work, 'delivery'>, error: Error): Promise<void> {
    if (!this.#deps.stopping.aborted) {
      this.#deps.log.error('message could not be moved', { queue: delivery.queue, error: error.message });
      await delay(HAND_BACK_DELAY_MS, undefined, { signal: this.#deps.stopping }).catch(() => undefined);
    }
    delivery.handBack();
  }

  #rowOf(work: Work, { outcome, partial, missing }: Completion): ResultRow {
    const { task, pipeline } = work;
    const { known, chain } = this.#deps;
    const merged = mergeAnswers(
      task,
      { chain: chain(work), known, preferred: pipeline.preferred },
      Date.now(),
    );
    return {
      ...merged,
      owner: task.owner,
      id: task.entity[pipeline.idField] as string,
      taskId: task.taskId,
      entity: task.entity,
      extra: task.extra,
      outcome,
      partial,
      missing,
      at: verdictTime(task.state, Date.now()),
    };
  }
}
