/**
 * The quarantine: messages that may have ended a process. One worker of all consumes it, one message at a time, and does
 * the whole path of a task right here, so that whatever happens happens to this message alone. Most are innocent: they
 * were in the hands of a process that ended for another reason.
 */
import type { Log } from '../../shared/observability/log.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import { pipelineNamed, pipelines } from '../../shared/pipelines/registry.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { QueueConsumer } from '../../shared/rabbitmq/queue-consumer.ts';
import { laneQueue, QUARANTINE } from '../../shared/rabbitmq/topology.ts';
import type { GateClosed } from '../../shared/redis/gate-slot.ts';
import { POISON } from '../../shared/task/letter-subject.ts';
import { MessageError } from '../../shared/task/message-error.ts';
import { plan } from '../../shared/task/plan.ts';
import { type Lane, LANES } from '../../shared/task/task.ts';
import { afterFault, waitingStep } from './after-fault.ts';
import { answersAtHand, type AnswersAtHandDeps } from './answers-at-hand.ts';
import type { Died } from './dead-letters.ts';
import { type LookUpDesk, LookUpUnderWay } from './look-up-desk.ts';
import { readTask } from './read-task.ts';
import { countedByBroker, originQueueOf, POISON_FROM } from './redeliveries.ts';
import { type IsStopped, JobStopped } from './stopped-jobs.ts';
import type { TaskRouter } from './task-router.ts';
import { withAnswer, withDeferral, type Work } from './work.ts';

export interface QuarantineDeps extends AnswersAtHandDeps {
  readonly connection: Connection;
  readonly router: TaskRouter;
  readonly messageVersion: number;
  readonly desks: ReadonlyMap<string, LookUpDesk>;
  /** A provider that is closed for longer is passed over where another one can answer. */
  readonly maxWaitMs: Readonly<Record<Lane, number>>;
  readonly log: Log;
  readonly stopping: AbortSignal;
  readonly isStopped: IsStopped;
}

export class Quarantine {
  readonly consumer: QueueConsumer;
  readonly #deps: QuarantineDeps;

  constructor(deps: QuarantineDeps) {
    this.#deps = deps;
    this.consumer = new QueueConsumer({
      connection: deps.connection,
      queue: QUARANTINE,
      prefetch: 1,
      isTraced: true,
      log: deps.log,
      onDelivery: (delivery) => {
        // A fault of ours: counted by the broker like the end of a process, and so it has an end.
        this.#receive(delivery).catch((error: unknown) => deps.router.handBack({ delivery }, error as Error));
      },
    });
  }

  start(): void {
    this.consumer.start();
  }

  /** Takes nothing new; resolves when what is held is settled. */
  async stop(): Promise<void> {
    await this.consumer.pause();
    await this.consumer.drained();
  }

  async #receive(delivery: Delivery): Promise<void> {
    const died = { delivery, ...originOf(delivery) };
    const redeliveries = countedByBroker(delivery);
    if (redeliveries >= POISON_FROM) {
      const error = `delivered ${redeliveries + 1} times in the quarantine and never settled`;
      await this.#deps.router.reject(died, { body: delivery.message.content, reason: POISON, error });
      return;
    }
    await this.#deps.router.allSetAside();
    if (delivery.isStale) return;
    this.#deps.log.warn('Processing quarantined message', { origin: died.queue, redeliveries });
    const work = await this.#read(died);
    if (work !== undefined) await this.#follow(work);
  }

  async #read(died: Died): Promise<Work | undefined> {
    const { delivery, pipeline, lane } = died;
    const pipelineFor = (name: string | undefined): Pipeline | undefined =>
      name === undefined ? pipeline : pipelineNamed(name);
    try {
      const { task } = readTask(delivery, pipelineFor, this.#deps.messageVersion);
      return { task, delivery, lane, pipeline: pipelineFor(task.pipeline) ?? pipeline };
    } catch (error) {
      const reason = error instanceof MessageError ? error.fault : 'invalid';
      await this.#deps.router.reject(died, {
        body: delivery.message.content,
        reason,
        error: (error as Error).message,
      });
      return undefined;
    }
  }

  /** Step after step, until the task is complete or has to wait. */
  async #follow(begun: Work): Promise<void> {
    const { chain, known, supplements, router, desks } = this.#deps;
    for (let work: Work | undefined = begun; work !== undefined;) {
      if (this.#deps.isStopped(work.task)) {
        router.cancel(work);
        return;
      }
      const [informed = work] = await answersAtHand([work], this.#deps);
      const next = plan(informed.task, chain(informed), Date.now(), { known, supplements });
      if (next.do === 'complete') {
        await router.complete(informed, next);
        return;
      }
      const desk = desks.get(next.provider);
      if (desk === undefined) throw new Error(`provider '${next.provider}' is planned and not served`);
      work = await this.#lookUp(informed, desk);
    }
  }

  /** The task with what the provider said; undefined = it has been sent to wait. */
  async #lookUp(work: Work, desk: LookUpDesk): Promise<Work | undefined> {
    try {
      return withAnswer(work, await desk.answerFor(work), 'look_up');
    } catch (error) {
      return this.#recover(work, desk, error as Error);
    }
  }

  /** Waiting happens on the ladder, as for all tasks, and ends here again. */
  #recover(work: Work, desk: LookUpDesk, error: Error): Work | undefined {
    const { router, stopping, maxWaitMs } = this.#deps;
    if (stopping.aborted) {
      work.delivery.handBack();
      return undefined;
    }
    if (error instanceof JobStopped) {
      router.cancel(work);
      return undefined;
    }
    if (error instanceof LookUpUnderWay) {
      router.later(withDeferral(work, desk.provider.name, error.message), QUARANTINE, '1s', 'deferred');
      return undefined;
    }
    const wait = {
      isTooLong: ({ lastsMs }: GateClosed) => lastsMs > maxWaitMs[work.lane],
      passedOn: () => undefined,
      // It serves all providers, and goes on with the tasks of the others.
      shut: ({ forMs }: GateClosed) => waitingStep(forMs),
    };
    return afterFault(work, { desk, queue: QUARANTINE, wait }, error, this.#deps);
  }
}

interface Origin {
  readonly queue: string;
  readonly pipeline: Pipeline;
  readonly lane: Lane;
}

/** A message that says nothing counts as one of the first pipeline: it names another, or is refused. */
function originOf(delivery: Delivery): Origin {
  const queue = originQueueOf(delivery);
  const lane = LANES.find((one) => queue.endsWith(laneQueue('', one))) ?? 'priority';
  const pipeline = pipelines.find(({ prefix }) => queue === laneQueue(prefix, lane)) ?? pipelines[0];
  if (pipeline === undefined) throw new Error('there is no pipeline');
  return { queue, pipeline, lane };
}
