import type { Metrics } from '../../shared/observability/metrics.ts';
import type { WorkerBeat } from '../../shared/redis/heartbeats.ts';
import { OUTCOMES } from '../../shared/task/result.ts';
import type { Lane } from '../../shared/task/task.ts';
import { LastMinute } from './last-minute.ts';
import type { Stage } from './stage.ts';

export interface TaskCountsDeps {
  readonly metrics: Pick<Metrics, 'tasksProcessed'>;
  readonly stages: readonly Pick<Stage, 'consumer'>[];
}

interface Totals {
  readonly settled: ReadonlyMap<string, number>;
  readonly finished: Readonly<Record<Lane, number>>;
}

/** Deliveries settled by queue and tasks finished by lane, of the last minute; and the best minute of the process. */
export class TaskCounts {
  readonly #deps: TaskCountsDeps;
  readonly #totals = new LastMinute<Totals>();
  #bestPerSecond = 0;

  constructor(deps: TaskCountsDeps) {
    this.#deps = deps;
  }

  async lastMinute(): Promise<Totals & Pick<WorkerBeat, 'bestPerSecond'>> {
    const now = await this.#read();
    const before = this.#totals.before(now);
    const settled = new Map(
      [...now.settled].map(([queue, count]) => [queue, count - (before.settled.get(queue) ?? 0)]),
    );
    const perSecond = [...settled.values()].reduce((sum, count) => sum + count, 0) / 60;
    this.#bestPerSecond = Math.max(this.#bestPerSecond, perSecond);
    const finished = {
      priority: now.finished.priority - before.finished.priority,
      backlog: now.finished.backlog - before.finished.backlog,
    };
    return { settled, finished, bestPerSecond: this.#bestPerSecond };
  }

  async #read(): Promise<Totals> {
    const { metrics, stages } = this.#deps;
    const settled = new Map(stages.map(({ consumer }) => [consumer.queue, consumer.settledCount]));
    const finished = { priority: 0, backlog: 0 };
    for (const { labels, value } of (await metrics.tasksProcessed.get()).values) {
      const lane = labels.lane as Lane;
      if (OUTCOMES.some((outcome) => outcome === labels.outcome)) finished[lane] += value;
    }
    return { settled, finished };
  }
}
