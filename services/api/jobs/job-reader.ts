/**
 * Jobs for those who ask often. While one question is with the database all that come meanwhile wait for the next one,
 * which asks for every job of theirs at once: however many clients there are, there is one statement at a time, and nobody
 * waits for more than two. Nothing is remembered: what is read was so after it was asked for.
 */
import { isJobId, type Job } from '../../../shared/postgres/jobs/job.ts';

/** Those that exist, in no order. */
type FindJobs = (jobIds: readonly string[]) => Promise<readonly Job[]>;

interface Asker {
  readonly jobId: string;
  readonly resolve: (job: Job | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class JobReader {
  readonly #find: FindJobs;
  #askers: Asker[] = [];
  #isAsking = false;

  constructor(find: FindJobs) {
    this.#find = find;
  }

  /** Undefined = there is none that this owner may see; null sees all. Rejects as the question does. */
  async read(jobId: string, owner: string | null): Promise<Job | undefined> {
    if (!isJobId(jobId)) return undefined;
    const job = await new Promise<Job | undefined>((resolve, reject) => {
      this.#askers.push({ jobId, resolve, reject });
      if (!this.#isAsking) void this.#ask();
    });
    return owner === null || job?.owner === owner ? job : undefined;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#askers.length > 0) {
      const askers = this.#askers;
      this.#askers = [];
      try {
        const found = await this.#find([...new Set(askers.map(({ jobId }) => jobId))]);
        const jobs = new Map(found.map((job) => [job.jobId, job]));
        for (const { jobId, resolve } of askers) resolve(jobs.get(jobId));
      } catch (error) {
        for (const { reject } of askers) reject(error);
      }
    }
    this.#isAsking = false;
  }
}
