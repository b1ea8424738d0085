/** What the load publishes: tasks that stand alone, and among them those of jobs. */
import type { WorkItem } from './workload.ts';

/** Of so many tasks one is a job's, as long as there are any. */
const JOB_TASK_EVERY = 8;

export class WorkSource {
  readonly #draw: () => WorkItem;
  readonly #jobTasks: readonly WorkItem[];
  #drawn = 0;
  #fed = 0;

  constructor(draw: () => WorkItem, jobTasks: readonly WorkItem[]) {
    this.#draw = draw;
    this.#jobTasks = jobTasks;
  }

  next(): WorkItem {
    const ofJob = ++this.#drawn % JOB_TASK_EVERY === 0 ? this.#jobTasks[this.#fed] : undefined;
    if (ofJob === undefined) return this.#draw();
    this.#fed++;
    return ofJob;
  }

  /** What is left of the jobs, once. */
  takeRest(): readonly WorkItem[] {
    const rest = this.#jobTasks.slice(this.#fed);
    this.#fed = this.#jobTasks.length;
    return rest;
  }
}
