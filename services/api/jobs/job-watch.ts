/**
 * Tells watchers how their jobs go. Postgres is the truth: every half second, at most, one question about all jobs that
 * have moved, whatever the number of watchers. News from other processes only say which ones to ask about; without news
 * all of them are asked about every two seconds, so a watcher at any replica sees the same.
 *
 * A message has the job's revision as its sequence id. After a reconnection the stored events that came later are told
 * again, and progress is told as it is now: between two readings only the last one is of interest.
 */
import { hasEnded, type Job } from '../../../shared/postgres/jobs/job.ts';
import type { JobEvent } from '../../../shared/postgres/jobs/job-events.ts';
import { findJobs, listEventsAfter } from '../../../shared/postgres/jobs/watch-jobs.ts';
import type { Log } from '../../../shared/observability/log.ts';
import type { Pool } from '../../../shared/postgres/pool.ts';
import { progressDocument } from './job-document.ts';

export interface JobMessage {
  /** Rises with every change of the job. */
  readonly sequence: number;
  /** `job.progress`, or what happened once: `job.completed`, … */
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Watcher {
  readonly jobId: string;
  /** Sequence id of the last message that it has. */
  after: number;
  /** In order, each once. */
  readonly tell: (message: JobMessage) => void;
  /** Nothing more will be told: the job has ended, or is deleted. */
  readonly end: () => void;
}

export interface JobWatchOptions {
  readonly pool: Pool;
  readonly log: Log;
}

const TICK_MS = 500;
/** Without news: a worker whose Redis is away tells nobody. */
const ALL_EVERY_TICKS = 4;

export class JobWatch {
  readonly #options: JobWatchOptions;
  readonly #watchers = new Map<string, Set<Watcher>>();
  readonly #moved = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tick = 0;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: JobWatchOptions) {
    this.#options = options;
  }

  get size(): number {
    return [...this.#watchers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Begins to tell at the next tick. The function takes the watcher away again. */
  add(watcher: Watcher): () => void {
    const { jobId } = watcher;
    const watchers = this.#watchers.get(jobId) ?? new Set();
    this.#watchers.set(jobId, watchers.add(watcher));
    this.#moved.add(jobId);
    this.#timer ??= setInterval(() => {
      // One after the other: a slow database is not asked twice at a time.
      this.#looking = this.#looking.then(() => this.#look());
    }, TICK_MS);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(jobId);
      if (this.#watchers.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
  }

  /** These have moved, somebody says. */
  heard(jobIds: readonly string[]): void {
    for (const jobId of jobIds) if (this.#watchers.has(jobId)) this.#moved.add(jobId);
  }

  /** Ends every watcher. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const watchers of [...this.#watchers.values()]) for (const { end } of [...watchers]) end();
    this.#watchers.clear();
    await this.#looking;
  }

  async #look(): Promise<void> {
    this.#tick += 1;
    const isForAll = this.#tick % ALL_EVERY_TICKS === 0;
    const jobIds = isForAll ? [...this.#watchers.keys()] : [...this.#moved];
    if (jobIds.length === 0) return;
    this.#moved.clear();
    try {
      await this.#tell(jobIds);
    } catch (error) {
      for (const jobId of jobIds) this.#moved.add(jobId);
      this.#options.log.warn('watched jobs cannot be read', { error: (error as Error).message });
    }
  }

  async #tell(jobIds: readonly string[]): Promise<void> {
    const { pool } = this.#options;
    const jobs = new Map((await findJobs(pool, jobIds)).map((job) => [job.jobId, job]));
    const behind = jobIds.flatMap((jobId) => {
      const job = jobs.get(jobId);
      const after = Math.min(...[...(this.#watchers.get(jobId) ?? [])].map((watcher) => watcher.after));
      return job !== undefined && after < job.revision ? [{ jobId, after: Math.max(0, after) }] : [];
    });
    const events = behind.length === 0 ? [] : await listEventsAfter(pool, behind);
    for (const jobId of jobIds) {
      const job = jobs.get(jobId);
      const own = events.filter((event) => event.jobId === jobId);
      for (const watcher of [...(this.#watchers.get(jobId) ?? [])]) {
        if (job !== undefined) tellJob(watcher, job, own);
        if (job === undefined || hasEnded(job.status)) watcher.end();
      }
    }
  }
}

function tellJob(watcher: Watcher, job: Job, events: readonly JobEvent[]): void {
  for (const { sequence, type, data, at } of events) {
    if (sequence <= watcher.after) continue;
    watcher.after = sequence;
    watcher.tell({ sequence, type, data: { id: job.jobId, ...data, at: new Date(at).toISOString() } });
  }
  if (job.revision <= watcher.after) return;
  watcher.after = job.revision;
  watcher.tell({ sequence: job.revision, type: 'job.progress', data: progressDocument(job) });
}
