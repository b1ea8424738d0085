-- Workers ask every two seconds which jobs were stopped: messages of theirs may come back from the delay ladder for hours.
create index background_jobs_stopped_idx on background_jobs (stop_requested_at) where stop_requested_at is not null;
create index background_jobs_deadline_idx on background_jobs (deadline)
  where deadline is not null and completed_at is null;
create index background_jobs_ended_idx on background_jobs (completed_at) where completed_at is not null;
