import type { Job } from '../postgres/jobs/job.ts';
import type { ClaimedTask } from '../postgres/jobs/outbox.ts';
import { jobTaskId } from '../task/job-task-id.ts';
import { NEW_STATE, type Task } from '../task/task.ts';

/** The task that is published for a row of a job. `isYielding`: one priority lower than it was asked for. */
export function taskOfJob(job: Job, { seq, payload }: ClaimedTask, isYielding: boolean): Task {
  const { jobId, pipeline, owner, providers, strategy, notBefore } = job;
  const priority = payload.priority ?? job.priority;
  return {
    taskId: jobTaskId({ jobId, seq }),
    pipeline,
    owner,
    jobId,
    priority: isYielding ? Math.max(0, priority - 1) : priority,
    entity: payload.entity,
    extra: payload.extra ?? {},
    strategy,
    state: NEW_STATE,
    ...(providers && { providers }),
    ...(notBefore !== undefined && { notBefore }),
  };
}
