-- What somebody asked for, how far it is, and what only the processes need to know of it.
alter table background_jobs
  alter column status type varchar(30),
  -- As asked. The owner is `user_id`, the pipeline is `job_type`.
  add column lane varchar(10) not null default 'priority' check (lane in ('priority', 'backlog')),
  add column priority smallint not null default 5 check (priority between 0 and 10),
  add column providers text[],
  add column strategy varchar(10) not null default 'first',
  -- Epoch milliseconds: answers fetched earlier do not count.
  add column not_before double precision,
  add column label text,
  add column deadline timestamptz,
  -- Where and how its end is told; null = nowhere.
  add column callback jsonb,

  -- Receiving: who holds the upload, until when, and what makes two submissions the same.
  add column idempotency_key text,
  add column fingerprint text,
  add column receiver uuid,
  add column receiving_until timestamptz,
  add column rejected_items bigint not null default 0,
  add column duplicate_items bigint not null default 0,

  -- `processed_items` in its parts.
  add column enriched_items bigint not null default 0,
  add column not_found_items bigint not null default 0,
  add column ambiguous_items bigint not null default 0,
  add column cancelled_items bigint not null default 0,
  -- Handed to the broker and not settled.
  add column fed_items bigint not null default 0,
  add column requests bigint not null default 0,
  add column cost_usd double precision not null default 0,

  -- Counts up with every change: the sequence id of what watchers are told.
  add column revision bigint not null default 0,
  -- Tasks settled a second, over the latest five seconds or more.
  add column pace double precision not null default 0,
  add column pace_at timestamptz,
  add column pace_done bigint not null default 0,

  -- What it ends as once its tasks have gone: `cancelled` or `expired`; null = it runs to its end.
  add column stop_reason varchar(20) check (stop_reason in ('cancelled', 'expired')),
  add column stop_requested_at timestamptz,
  add column retry_requested_at timestamptz,
  -- Nobody sees it any more, and its rows go bit by bit.
  add column deleted_at timestamptz;

-- The few that something has to be done about. Counters are in no index: their updates stay on their page.
create index background_jobs_live_idx on background_jobs (status)
  where status in ('receiving', 'queued', 'running', 'paused', 'cancelling');
create index background_jobs_owner_idx on background_jobs (user_id, id);
create index background_jobs_deleted_idx on background_jobs (id) where deleted_at is not null;
create index background_jobs_retry_idx on background_jobs (retry_requested_at) where retry_requested_at is not null;
create unique index background_jobs_key_idx on background_jobs (user_id, idempotency_key)
  where idempotency_key is not null;
create index background_jobs_fingerprint_idx on background_jobs (user_id, fingerprint)
  where fingerprint is not null;

-- One row for each task of a job, in the order of the submission. Nothing has written the earlier table. No index
-- knows the status, so that settling a task is a heap-only update; there is room for it on the page.
drop table job_tasks;
create table job_tasks (
  job_id uuid not null,
  -- Of the row in the submission, from 1; the task's id is made of both.
  seq integer not null check (seq > 0),
  line integer not null,
  entity_id text not null,
  -- {entity, extra, priority}: what the message is made of.
  payload jsonb not null,
  status varchar(20) not null default 'queued'
    check (status in ('queued', 'enriched', 'not_found', 'ambiguous', 'dead', 'cancelled')),
  -- Provider → counted tries.
  attempts jsonb,
  error text,
  timeline jsonb,
  settled_at timestamptz,
  primary key (job_id, seq)
) with (fillfactor = 60);
-- The same entity twice in a job is one task.
create unique index job_tasks_entity_idx on job_tasks (job_id, entity_id);

-- Tasks that are not in the broker yet. A row goes once the broker has confirmed its task.
create table job_outbox (
  job_id uuid not null,
  seq integer not null,
  -- Null = nobody has taken it. Past = who took it did not say what became of it, so it is fed (again).
  claimed_until timestamptz,
  primary key (job_id, seq)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index job_outbox_claimed_idx on job_outbox (claimed_until) where claimed_until is not null;

-- Rows of a submission that make no task.
create table job_rejects (
  job_id uuid not null,
  seq integer not null,
  line integer not null,
  -- [{field, value, reason}]
  problems jsonb not null,
  -- As submitted; null when it could not be read as a record: then there is its text.
  original jsonb,
  row_text text,
  primary key (job_id, seq)
);

-- What is told once: ends, amendments, pauses. How far a job is stands in its own row.
create table job_events (
  id bigint generated always as identity primary key,
  job_id uuid not null,
  -- The revision of the job that it belongs to.
  sequence bigint not null,
  type varchar(40) not null,
  data jsonb not null default '{}',
  at timestamptz not null default now()
);
create index job_events_job_idx on job_events (job_id, sequence);
