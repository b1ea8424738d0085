/**
 * A stage consumes one queue. All deliveries of a tick are read together, get their cached answers in one trip to Redis,
 * and each task is planned: complete, or to be looked up. An entry stage hands look-ups over to the stage of their
 * provider and so never waits; a provider stage makes those of its own provider.
 */
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { type Delivery, QueueConsumer } from '../../shared/rabbitmq/queue-consumer.ts';
import { GateClosed } from '../../shared/redis/gate-slot.ts';
import { MessageError } from '../../shared/task/message.ts';
import { canSkip, chainOf, plan } from '../../shared/task/plan.ts';
import { ProviderError } from '../../shared/task/provider-error.ts';
import { nextTry, stepNotBefore } from '../../shared/task/retry-policy.ts';
import type { Lane } from '../../shared/task/task.ts';
import { answersAtHand, type AnswersAtHandDeps } from './answers-at-hand.ts';
import { GateWait } from './gate-wait.ts';
import { type LookUpDesk, LookUpUnderWay } from './look-up-desk.ts';
import { notePickUp } from './pick-up.ts';
import { readTask } from './read-task.ts';
import { JobStopped, type IsStopped } from './stopped-jobs.ts';
import type { TaskRouter } from './task-router.ts';
import { Valve } from './valve.ts';
import { withAnswer, withAttempt, withDeferral, withFailure, withSkip, type Work } from './work.ts';

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
    if (this.#tick.length === 0) setImmediate(() => void this.#runTick());
    this.#tick.push(delivery);
  }

  async #runTick(): Promise<void> {
    const works = this.#tick.splice(0).flatMap((delivery) => this.#read(delivery) ?? []);
    for (const work of await answersAtHand(works, this.#deps)) this.#follow(work);
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

  /** Does the next step of the task. What the broker has taken back is somebody else's by now. */
  #follow(work: Work): void {
    if (work.delivery.isStale) {
      work.delivery.handBack();
      return;
    }
    const { chain, known, supplements, router, isStopped } = this.#deps;
    const { desk } = this.#options;
    const next = plan(work.task, chain(work), Date.now(), { known, supplements });
    if (isStopped(work.task)) router.cancel(work);
    else if (next.do === 'complete') void router.complete(work, next);
    else if (next.provider === desk?.provider.name) void this.#lookUp(work, desk);
    else router.forward(work, next.provider);
  }

  async #lookUp(work: Work, desk: LookUpDesk): Promise<void> {
    try {
      this.#follow(withAnswer(work, await desk.answerFor(work), 'look_up'));
    } catch (error) {
      this.#recover(work, desk, error as Error);
    }
  }

  #recover(work: Work, desk: LookUpDesk, error: Error): void {
    if (this.#deps.stopping.aborted) work.delivery.handBack();
    else if (error instanceof JobStopped) this.#deps.router.cancel(work);
    else if (error instanceof LookUpUnderWay) this.#outOfTheWay(work, desk, error);
    else if (error instanceof GateClosed) this.#whileClosed(work, desk, error);
    else this.#afterFault(work, desk, this.#asProviderError(desk, error));
  }

  /**
   * Closed for longer than anybody should wait: the task goes on without this provider, if another one can answer.
   * Otherwise it waits: on the ladder for a step, then in the queue, where the end of the closure finds it.
   */
  #whileClosed(work: Work, desk: LookUpDesk, closed: GateClosed): void {
    const { chain, router } = this.#deps;
    const { name } = desk.provider;
    const wait = this.#waitFor(desk);
    const { finders } = chainOf(work.task, chain(work), this.#deps);
    if (wait.isTooLong(closed) && canSkip(work.task, name, finders, Date.now())) {
      wait.passedOn();
      this.#follow(withSkip(work, name, closed.reason));
      return;
    }
    const step = wait.shut(closed);
    router.later(withDeferral(work, name, closed.reason), this.#options.queue, step, 'deferred');
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

  #afterFault(work: Work, desk: LookUpDesk, error: ProviderError): void {
    const { name, limits } = desk.provider;
    const attempt = (work.task.state.attempts[name] ?? 0) + 1;
    const next = nextTry(error, attempt, limits.attempts, Math.random);
    this.#deps.log.warn('look-up failed', {
      taskId: work.task.taskId,
      provider: name,
      error: error.message,
      next: next.do,
    });
    const { queue } = this.#options;
    switch (next.do) {
      case 'retry':
        this.#deps.router.later(withAttempt(work, error), queue, next.step, 'retried');
        return;
      case 'defer':
        this.#deps.router.later(
          withDeferral(work, name, error.kind),
          queue,
          stepNotBefore(next.delayMs),
          'deferred',
        );
        return;
      case 'give_up':
        this.#follow(withFailure(work, error, next.reason));
    }
  }

  /** A fault of ours is no reason to try for ever: the task goes on without this provider, and somebody reads the log. */
  #asProviderError(desk: LookUpDesk, error: Error): ProviderError {
    if (error instanceof ProviderError) return error;
    this.#deps.log.error('look-up broke', {
      provider: desk.provider.name,
      error: error.stack ?? error.message,
    });
    return new ProviderError(desk.provider.name, 'contract', `look-up broke: ${error.message}`, {
      cause: error,
    });
  }
}
