/** What is told of a job to those who asked for it. `job.completed`: with or without errors, see the status. */
export const JOB_EVENT_TYPES = [
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.expired',
  'job.amended',
  'job.progress',
] as const;
export type JobEventType = (typeof JOB_EVENT_TYPES)[number];

/** Every end and every change after it. Progress is for those who ask for it. */
export const DEFAULT_EVENT_TYPES: readonly JobEventType[] = JOB_EVENT_TYPES.filter(
  (type) => type !== 'job.progress',
);
