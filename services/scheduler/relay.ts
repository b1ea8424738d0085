/**
 * Brings the tasks of jobs from the database to the broker: a few thousand ahead of the workers, no more, so that what is
 * paused, cancelled or changed is so at once for all the rest, and nobody stands behind a million rows of somebody else.
 *
 * Any number of relays share the work. A task is claimed, published, confirmed, and then forgotten by the outbox: a relay
 * that dies in between leaves claims that lapse, and at most those tasks are published twice.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { taskOfJob } from '../../shared/jobs/job-task.ts';
import { type Share, shareOut } from '../../shared/jobs/share-out.ts';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { pipelineNamed } from '../../shared/pipelines/registry.ts';
import {
  CLAIM_SECONDS,
  type Claim,
  claimTasks,
  confirmFed,
  listFedJobs,
  releaseClaim,
} from '../../shared/postgres/jobs/outbox.ts';
import type { Pool } from '../../shared/postgres/pool.ts';
import type { ConfirmPublisher } from '../../shared/rabbitmq/confirm-publisher.ts';
import type { Connection } from '../../shared/rabbitmq/connection.ts';
import { taskMessage } from '../../shared/rabbitmq/task-publisher.ts';
import { laneQueue } from '../../shared/rabbitmq/topology.ts';

export interface RelayDeps {
  readonly pool: Pool;
  readonly connection: Pick<Connection, 'isOpen' | 'isBlocked'>;
  readonly publisher: Pick<ConfirmPublisher, 'publish'>;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Most tasks of one pipeline and lane in the broker. */
  readonly ahead: number;
  /** Tasks that an owner may have there in any case. */
  readonly headStart: number;
  readonly stopping: AbortSignal;
}

/** Tasks of one job in one round. */
const BATCH = 500;
/** Jobs that are fed side by side. */
const AT_ONCE = 4;
const IDLE_MS = 100;
const AFTER_FAULT_MS = 1_000;
/** Given up before the claim lapses: then somebody else may publish. */
const CONFIRM_WITHIN_MS = (CLAIM_SECONDS - 10) * 1_000;

export class Relay {
  readonly #deps: RelayDeps;
  #lastOwner = '';
  #isFailing = false;

  constructor(deps: RelayDeps) {
    this.#deps = deps;
  }

  /** False while the database or the broker does not let it feed. */
  get isAble(): boolean {
    const { connection } = this.#deps;
    return !this.#isFailing && connection.isOpen && !connection.isBlocked;
  }

  /** Until the process stops; what is claimed by then is published first. */
  async run(): Promise<void> {
    const { stopping, log } = this.#deps;
    while (!stopping.aborted) {
      let waitMs = IDLE_MS;
      try {
        if ((await this.round()) > 0) waitMs = 0;
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) log.error('jobs cannot be fed', { error: (error as Error).message });
        this.#isFailing = true;
        waitMs = AFTER_FAULT_MS;
      }
      await delay(waitMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }

  /** Feeds each job its share once. Returns how many tasks the broker has confirmed. Rejects when the database is away. */
  async round(): Promise<number> {
    const { pool, connection, ahead, headStart } = this.#deps;
    // What cannot be published is not claimed: the claim would only lapse.
    if (!connection.isOpen || connection.isBlocked) return 0;
    const jobs = await listFedJobs(pool);
    const shares = shareOut(jobs, { ahead, headStart, batch: BATCH, lastOwner: this.#lastOwner });
    const last = shares.at(-1);
    this.#lastOwner = jobs.find(({ jobId }) => jobId === last?.jobId)?.owner ?? this.#lastOwner;
    let fed = 0;
    for (let at = 0; at < shares.length; at += AT_ONCE) {
      const counts = await Promise.all(shares.slice(at, at + AT_ONCE).map((share) => this.#feed(share)));
      fed += counts.reduce((sum, count) => sum + count, 0);
    }
    return fed;
  }

  async #feed({ jobId, count, urgent }: Share): Promise<number> {
    const { pool } = this.#deps;
    const claim = await claimTasks(pool, jobId, count);
    if (claim === undefined || claim.tasks.length === 0) return 0;
    const giveUp = AbortSignal.timeout(CONFIRM_WITHIN_MS);
    // One listener for every task that is under way.
    setMaxListeners(0, giveUp);
    const failures: Error[] = [];
    const confirmed: number[] = [];
    const failed: number[] = [];
    await Promise.all(
      claim.tasks.map(async (task, index) => {
        try {
          await this.#publish(claim, task, { isYielding: index >= urgent, signal: giveUp });
          confirmed.push(task.seq);
        } catch (error) {
          failures.push(error as Error);
          failed.push(task.seq);
        }
      }),
    );
    await confirmFed(pool, jobId, confirmed);
    if (failures[0] !== undefined) await this.#tellFailures(jobId, failed, failures[0]);
    return confirmed.length;
  }

  async #publish(
    { job }: Claim,
    task: Claim['tasks'][number],
    { isYielding, signal }: { readonly isYielding: boolean; readonly signal: AbortSignal },
  ): Promise<void> {
    const pipeline = pipelineNamed(job.pipeline);
    if (pipeline === undefined) throw new Error(`there is no pipeline '${job.pipeline}'`);
    const queue = laneQueue(pipeline.prefix, job.lane);
    await this.#deps.publisher.publish(
      taskMessage(taskOfJob(job, task, isYielding), queue, job.lane),
      signal,
    );
  }

  async #tellFailures(jobId: string, seqs: readonly number[], error: Error): Promise<void> {
    const { log, pool, stopping } = this.#deps;
    log.warn('tasks could not be fed, they are tried again', {
      jobId,
      count: seqs.length,
      error: error.message,
    });
    await releaseClaim(pool, jobId, seqs);
    // A queue that is missing is not there a millisecond later either.
    await delay(AFTER_FAULT_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}
