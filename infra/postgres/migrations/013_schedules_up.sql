-- What is done again and again, by whichever process gets to it first: the row is the lease.
create table schedules (
  name varchar(100) primary key,
  -- Cron expression, in UTC.
  cron text not null,
  enabled boolean not null default true,
  next_at timestamptz not null,
  -- Empty = nobody runs it now.
  holder text not null default '',
  held_until timestamptz,
  -- Turns that fell into a run which was still going.
  skipped bigint not null default 0,
  last_run_id bigint,
  updated_at timestamptz not null default now()
);

create table schedule_runs (
  id bigint generated always as identity primary key,
  schedule varchar(100) not null,
  holder text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- running; lost = its holder went without a word.
  outcome varchar(20) not null default 'running' check (outcome in ('running', 'ok', 'failed', 'lost')),
  error text,
  -- Turns that passed while it went on.
  skipped integer not null default 0,
  detail jsonb not null default '{}'
);
create index schedule_runs_schedule_idx on schedule_runs (schedule, id);
