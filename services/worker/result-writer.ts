/**
 * Collects completed tasks and commits them in batches: at once while idle, else whatever has come together until the
 * last commit is done. So a lone task waits for nobody (a few ms from publishing to the row), and under load the batches
 * grow by themselves. A full batch is written beside another one: the server works while this process encodes and
 * reports. A delivery is acknowledged after the commit of its row, never before.
 */
import { setImmediate as nextTick, setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../shared/observability/log.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { reached } from '../../shared/observability/milestones.ts';
import { isDataFault } from '../../shared/postgres/database-fault.ts';
import { type Indexed, saveDeadLetters } from '../../shared/postgres/dead-letters.ts';
import { type SettledTask, settleJobTasks } from '../../shared/postgres/jobs/settle-tasks.ts';
import { BY_INDEX } from '../../shared/postgres/named-statement.ts';
import { type Pool, withTransaction } from '../../shared/postgres/pool.ts';
import type { ResultTable } from '../../shared/postgres/result-statement.ts';
import { saveResults } from '../../shared/postgres/results.ts';
import type { Died } from './dead-letters.ts';
import type { Buried, Completed } from './finished-task.ts';
import { type Prices, settledLetter, settledTask } from './settled-task.ts';
import { noteCommit } from './task-spans.ts';

export interface ResultWriterDeps {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly maxBatch: number;
  /** Batches that are written at once, each on a connection of its own. */
  readonly maxWrites: number;
  readonly prices: Prices;
  /** After the commit: the delivery is acknowledged by then. */
  readonly onWritten: (completed: Completed) => void;
  /** After the commit and before the acknowledgement, which waits for it; absent = nobody is told. */
  readonly tell?: (item: Completed | Buried) => Promise<void>;
  /** After the commit: the jobs whose counters moved with it. */
  readonly onJobsMoved: (jobIds: readonly string[]) => void;
  /** The database refuses this row and always will; everything else in its batch is written. */
  readonly onRefused: (completed: Completed, error: Error) => void;
  /** Postgres does not take rows any more, or takes them again: once for each change. */
  readonly onAvailable: (isAvailable: boolean) => void;
}

const RETRY_MS = 500;
const MAX_RETRY_MS = 2_000;

export class ResultWriter {
  readonly #deps: ResultWriterDeps;
  #waiting: (Completed | Buried)[] = [];
  #writes = 0;
  #onRest: (() => void)[] = [];
  readonly #telling = new Set<Promise<void>>();
  #failures = 0;
  #lastCommitAt = performance.now();

  constructor(deps: ResultWriterDeps) {
    this.#deps = deps;
  }

  /** True while Postgres does not take rows: no more work should be begun, what is held is kept. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Completed tasks that are not committed yet; bounded by the prefetch of all stages. */
  get backlog(): number {
    return this.#waiting.length;
  }

  /** Milliseconds since the last commit. */
  get idleMs(): number {
    return performance.now() - this.#lastCommitAt;
  }

  add(item: Completed | Buried): void {
    this.#waiting.push(item);
    if (this.#writes < this.#deps.maxWrites && this.#isDue(this.#writes)) void this.#drain();
  }

  /** Resolves when everything added so far is committed and told. */
  async flush(): Promise<void> {
    while (this.#writes > 0) await new Promise<void>((resolve) => this.#onRest.push(resolve));
    await Promise.all(this.#telling);
  }

  /** Rejects for a fault of ours alone, which ends the process: the broker hands out again what was not acknowledged. */
  async #drain(): Promise<void> {
    this.#writes += 1;
    // The end of the tick: what is completed together is written together.
    await nextTick();
    try {
      while (this.#isDue(this.#writes - 1)) {
        await this.#write(this.#waiting.splice(0, this.#deps.maxBatch));
      }
    } finally {
      // In the same step as the last look: what came between the two would wait for the next task.
      this.#writes -= 1;
      if (this.#writes === 0) for (const wake of this.#onRest.splice(0)) wake();
    }
  }

  /** Whoever writes alone takes what there is: beside others a part of a batch would only make more statements. */
  #isDue(others: number): boolean {
    return this.#waiting.length >= (others === 0 ? 1 : this.#deps.maxBatch);
  }

  /** Until it is committed: a database that is away costs no task anything but time. */
  async #write(batch: readonly (Completed | Buried)[]): Promise<void> {
    for (;;) {
      const live = batch.filter((item) => !diedOf(item).delivery.isStale);
      try {
        const jobs = await this.#commit(live);
        this.#available();
        this.#settle(live, jobs);
        return;
      } catch (error) {
        if (isDataFault(error)) {
          this.#available();
          await this.#isolate(batch, error as Error);
          return;
        }
        this.#unavailable(error as Error);
        await delay(Math.min(MAX_RETRY_MS, RETRY_MS * this.#failures));
      }
    }
  }

  #available(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.#deps.log.info('Postgres takes results again');
    this.#deps.onAvailable(true);
  }

  #unavailable(error: Error): void {
    this.#failures++;
    if (this.#failures > 1) return;
    this.#deps.log.error('Postgres does not take results', { error: error.message });
    this.#deps.onAvailable(false);
  }

  /** The jobs that moved on with it. */
  async #commit(live: readonly (Completed | Buried)[]): Promise<readonly string[]> {
    if (live.length === 0) return [];
    const completed = live.filter(isCompleted);
    const stop = this.#deps.metrics.writeSeconds.startTimer();
    const beganAt = Date.now();
    const moved = await withTransaction(
      this.#deps.pool,
      async (client) => {
        // In one order: batches that are written at once meet at rows of the same tables.
        for (const table of [...new Set(completed.map(tableOf))].sort()) {
          const rows = completed.filter((one) => tableOf(one) === table).map(({ row }) => row);
          await saveResults(client, table, rows);
        }
        await saveDeadLetters(client, live.flatMap(indexedOf));
        // Last: the row of a job is what batches of all workers meet at.
        return settleJobTasks(
          client,
          live.flatMap((item) => this.#settledOf(item) ?? []),
        );
      },
      BY_INDEX,
    );
    reached('committed');
    stop();
    noteCommit(live, beganAt);
    this.#deps.metrics.writeRows.observe(live.length);
    for (const { lastedSeconds } of moved)
      if (lastedSeconds !== null) this.#deps.metrics.jobSeconds.observe(lastedSeconds);
    this.#lastCommitAt = performance.now();
    return moved.map(({ jobId }) => jobId);
  }

  /** They are committed: whatever goes wrong from here on must not have them written again. */
  #settle(live: readonly (Completed | Buried)[], jobs: readonly string[]): void {
    for (const item of live) this.#acknowledge(item);
    try {
      this.#deps.onJobsMoved(jobs);
      for (const item of live) if (isCompleted(item)) this.#deps.onWritten(item);
    } catch (error) {
      this.#deps.log.error('what was written cannot be reported', { error: (error as Error).stack });
    }
  }

  #acknowledge(item: Completed | Buried): void {
    const { tell, log } = this.#deps;
    const { delivery } = diedOf(item);
    if (tell === undefined) {
      delivery.ack();
      return;
    }
    const telling = tell(item)
      .then(
        () => {
          delivery.ack();
        },
        // The process ends: the broker hands the task out again, and then it is told.
        (error: unknown) => {
          log.debug('a result was not told', { error: (error as Error).message });
        },
      )
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  #settledOf(item: Completed | Buried): SettledTask | undefined {
    return isCompleted(item)
      ? settledTask(item.work.task, item.row.outcome, this.#deps.prices)
      : settledLetter(item.letter, item.pipeline.idField);
  }

  /** Halves the batch until the row that is to blame stands alone. */
  async #isolate(batch: readonly (Completed | Buried)[], error: Error): Promise<void> {
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) {
      if (isCompleted(first)) this.#deps.onRefused(first, error);
      else this.#giveUp(first, error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await this.#write(batch.slice(0, middle));
    await this.#write(batch.slice(middle));
  }

  /** The letter is in its queue, which is what counts: `reindex` tries to index it again. */
  #giveUp({ delivery, letter }: Buried, error: Error): void {
    this.#deps.log.error('dead letter cannot be indexed', { id: letter.id, error: error.message });
    delivery.ack();
  }
}

const isCompleted = (item: Completed | Buried): item is Completed => 'row' in item;

const diedOf = (item: Completed | Buried): Died => (isCompleted(item) ? item.work : item);

const indexedOf = (item: Completed | Buried): Indexed[] =>
  item.letter === undefined ? [] : [{ letter: item.letter, idField: diedOf(item).pipeline.idField }];

const tableOf = ({ work }: Completed): ResultTable => work.pipeline.table;
