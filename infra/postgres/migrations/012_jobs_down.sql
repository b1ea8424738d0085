drop table job_events;
drop table job_rejects;
drop table job_outbox;
drop table job_tasks;
create table job_tasks (
  job_id uuid not null references background_jobs (job_id) on delete cascade,
  task_id text not null,
  pipeline text not null,
  owner text not null default '',
  entity_id text not null,
  payload jsonb not null,
  status varchar(20) not null default 'queued'
    check (status in ('queued', 'enriched', 'not_found', 'ambiguous', 'dead', 'cancelled')),
  attempts jsonb not null default '{}',
  error text,
  timeline jsonb not null default '[]',
  created_at timestamptz not null default now(),
  settled_at timestamptz,
  check ((status = 'queued') = (settled_at is null)),
  primary key (job_id, task_id)
) with (fillfactor = 85);
create index job_tasks_task_id_idx on job_tasks (task_id);
create index job_tasks_queued_idx on job_tasks (job_id, task_id) where status = 'queued';
create index job_tasks_dead_idx on job_tasks (job_id, task_id) where status = 'dead';

drop index background_jobs_live_idx;
drop index background_jobs_owner_idx;
-- The older column is too short for it.
update background_jobs set status = 'completed' where status = 'completed_with_errors';
alter table background_jobs
  alter column status type varchar(20),
  drop column lane,
  drop column priority,
  drop column providers,
  drop column strategy,
  drop column not_before,
  drop column label,
  drop column deadline,
  drop column callback,
  drop column idempotency_key,
  drop column fingerprint,
  drop column receiver,
  drop column receiving_until,
  drop column rejected_items,
  drop column duplicate_items,
  drop column enriched_items,
  drop column not_found_items,
  drop column ambiguous_items,
  drop column cancelled_items,
  drop column fed_items,
  drop column requests,
  drop column cost_usd,
  drop column revision,
  drop column pace,
  drop column pace_at,
  drop column pace_done,
  drop column stop_reason,
  drop column stop_requested_at,
  drop column retry_requested_at,
  drop column deleted_at;
