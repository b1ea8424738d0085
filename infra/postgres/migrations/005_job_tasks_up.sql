-- One row for each task of a job. A task without a job has none: its result row says all there is.
create table job_tasks (
  job_id uuid not null references background_jobs (job_id) on delete cascade,
  task_id text not null,
  pipeline text not null,
  owner text not null default '',
  entity_id text not null,
  payload jsonb not null,
  status varchar(20) not null default 'queued'
    check (status in ('queued', 'enriched', 'not_found', 'ambiguous', 'dead', 'cancelled')),
  -- Provider → counted tries.
  attempts jsonb not null default '{}',
  error text,
  timeline jsonb not null default '[]',
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  check ((status = 'queued') = (settled_at is null)),
  primary key (job_id, task_id)
) with (fillfactor = 85);

create index job_tasks_task_id_idx on job_tasks (task_id);
-- What operators and the feeding of jobs look for. Settled well is the bulk and is in neither index: a status costs an
-- index entry only while something is left to do about it.
create index job_tasks_queued_idx on job_tasks (job_id, task_id) where status = 'queued';
create index job_tasks_dead_idx on job_tasks (job_id, task_id) where status = 'dead';
