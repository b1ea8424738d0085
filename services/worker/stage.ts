/**
 * A stage consumes one queue. All deliveries of a tick are read together, get their cached answers in one trip to Redis,
 * and each task is planned: complete, or to be looked up. An entry stage hands look-ups over to the stage of their
 * provider and so never waits; a provider stage makes those of its own provider.
 */
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import type { Delivery } from '../../shared/rabbitmq/delivery.ts';
import { QueueConsumer } from '../../shared/rabbitmq/queue-consumer.ts';
import { MessageError } from '../../shared/task/message-error.ts';
import { plan } from '../../shared/task/plan.ts';
import type { Lane } from '../../shared/task/task.ts';
import { afterFault } from './after-fault.ts';
import { answersAtHand, type AnswersAtHandDeps } from './answers-at-hand.ts';
import { GateWait } from './gate-wait.ts';
import { type LookUpDesk, LookUpUnderWay } from './look-up-desk.ts';
import { notePickUp } from './pick-up.ts';
import { readTask } from './read-task.ts';
import { isSuspect } from './redeliveries.ts';
import { JobStopped, type IsStopped } from './stopped-jobs.ts';
import type { TaskRouter } from './task-router.ts';
import { Valve } from './valve.ts';
import { withAnswer, withDeferral, type Work } from './work.ts';

export interface StageDeps extends AnswersAtHandDeps {
  readonly connection: Connection;
  readonly router: TaskRouter;
  readonly messageVersion: number;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly stopping: AbortSignal;
  readonly isStopped: IsStopped;
}

export interface StageOptions {
  readonly queue: string;
  readonly lane: Lane;
  readonly prefetch: number;
  /** Which pipeline a message belongs to that names this one, or none. */
  readonly pipelineFor: (name: string | undefined) => Pipeline | undefined;
  /** Gives an unreadable message its dead-letter queue. */
  readonly fallback: Pipeline;
  /** A provider stage's own; absent in entry stages. */
  readonly desk?: LookUpDesk;
  /** Its gate is closed for longer: the provider is passed over where another one can answer. */
  readonly maxWaitMs?: number;
}

/** How often a task met the same look-up under way decides how long it stays out of the way. */
const BUSY_STEPS = ['1s', '5s', '15s'] as const;

export class Stage {
  readonly consumer: QueueConsumer;
  readonly valve: Valve;
  readonly #options: StageOptions;
  readonly #deps: StageDeps;
  #tick: Delivery[] = [];
  #gateWait: GateWait | undefined;

  constructor(options: StageOptions, deps: StageDeps) {
    this.#options = options;
    this.#deps = deps;
    const { metrics, connection, log } = deps;
    const { queue, prefetch } = options;
    metrics.prefetch.set({ queue }, prefetch);
    this.consumer = new QueueConsumer({
      connection,
      queue,
      prefetch,
      isTraced: true,
      log,
      onDelivery: (delivery) => {
        this.#receive(delivery);
      },
      onCancelled: () => {
        metrics.consumerCancelled.inc({ queue });
      },
    });
    this.valve = new Valve(this.consumer, deps.stopping);
  }

  get lane(): Lane {
    return this.#options.lane;
  }

  get isEntry(): boolean {
    return this.#options.desk === undefined;
  }

  start(): void {
    this.consumer.start();
  }

  /** Takes nothing new; resolves when what is held is settled. */
  async stop(): Promise<void> {
    await this.consumer.pause();
    for (const delivery of this.#tick.splice(0)) delivery.handBack();
    await this.consumer.drained();
  }

  #receive(delivery: Delivery): void {
    if (delivery.message.fields.redelivered) {
      this.#deps.metrics.of.redeliveries(this.#options.queue).inc();
      // Before anything is read: reading it may be what ended the process.
      if (this.#deps.router.quarantine(delivery, this.#options.lane)) return;
    }
    if (!isSuspect(delivery)) this.#admit(delivery);
    else
      void this.#deps.router.allSetAside().then(() => {
        this.#admit(delivery);
      });
  }

  #admit(delivery: Delivery): void {
    if (delivery.isStale) return;
    if (this.#tick.length === 0) setImmediate(() => void this.#runTick());
    this.#tick.push(delivery);
  }

  /** Never rejects. */
  async #runTick(): Promise<void> {
    const works = this.#tick.splice(0).flatMap((delivery) => this.#read(delivery) ?? []);
    try {
      for (const work of await answersAtHand(works, this.#deps)) this.#follow(work);
    } catch (error) {
      for (const work of works) void this.#deps.router.handBack(work, error as Error);
    }
  }

  #read(delivery: Delivery): Work | undefined {
    const { pipelineFor, fallback, lane } = this.#options;
    try {
      const { task, isRestarted } = readTask(delivery, pipelineFor, this.#deps.messageVersion);
      // Once a task: at a provider's stage it is under way already.
      if (this.isEntry) notePickUp(task, delivery, this.#deps);
      const work = { task, delivery, lane, pipeline: pipelineFor(task.pipeline) ?? fallback };
      if (!isRestarted || this.#options.desk === undefined) return work;
      this.#deps.router.restart(work);
      return undefined;
    } catch (error) {
      const reason = error instanceof MessageError ? error.fault : 'invalid';
      const letter = { body: delivery.message.content, reason, error: (error as Error).message };
      void this.#deps.router.reject({ delivery, lane, pipeline: fallback }, letter);
      return undefined;
    }
  }

  /** Does what is left to do here. A fault of ours costs this task a delivery, and nobody else anything. */
  #follow(work: Work): void {
    this.#step(work).catch((error: unknown) => this.#deps.router.handBack(work, error as Error));
  }

  /** The next step of the task. What the broker has taken back is somebody else's by now. */
  async #step(work: Work): Promise<void> {
    if (work.delivery.isStale) {
      work.delivery.handBack();
      return;
    }
    const { chain, known, supplements, router, isStopped } = this.#deps;
    const { desk } = this.#options;
    const next = plan(work.task, chain(work), Date.now(), { known, supplements });
    if (isStopped(work.task)) router.cancel(work);
    else if (next.do === 'complete') await router.complete(work, next);
    else if (next.provider === desk?.provider.name) await this.#lookUp(work, desk);
    else router.forward(work, next.provider);
  }

  async #lookUp(work: Work, desk: LookUpDesk): Promise<void> {
    const next = await desk.answerFor(work).then(
      (answer) => withAnswer(work, answer, 'look_up'),
      (error: unknown) => this.#recover(work, desk, error as Error),
    );
    if (next !== undefined) await this.#step(next);
  }

  /** The task to go on with; undefined = it is not here any more. */
  #recover(work: Work, desk: LookUpDesk, error: Error): Work | undefined {
    if (this.#deps.stopping.aborted) {
      work.delivery.handBack();
      return undefined;
    }
    if (error instanceof LookUpUnderWay) {
      this.#outOfTheWay(work, desk, error);
      return undefined;
    }
    if (error instanceof JobStopped) {
      this.#deps.router.cancel(work);
      return undefined;
    }
    const wait = this.#waitFor(desk);
    return afterFault(work, { desk, queue: this.#options.queue, wait }, error, this.#deps);
  }

  #waitFor(desk: LookUpDesk): GateWait {
    const { queue, maxWaitMs = Infinity } = this.#options;
    const { log, stopping } = this.#deps;
    const { valve } = this;
    this.#gateWait ??= new GateWait({ valve, gate: desk.gate, queue, maxWaitMs, log, stopping });
    return this.#gateWait;
  }

  #outOfTheWay(work: Work, desk: LookUpDesk, error: Error): void {
    const before = work.task.state.timeline.filter(({ event }) => event === 'deferred').length;
    const step = BUSY_STEPS[Math.min(before, BUSY_STEPS.length - 1)] ?? '15s';
    this.#deps.router.reenter(withDeferral(work, desk.provider.name, error.message), step);
  }
}
