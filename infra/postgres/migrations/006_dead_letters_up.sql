-- A searchable index of what the dead letter queues hold. The queue in the broker is the truth.
create table dead_letters (
  -- The message id in the queue: indexing the same message twice is one row.
  message_id text primary key,
  pipeline text not null,
  -- Equal for dead letters with the same cause.
  fingerprint text not null,
  reason text not null,
  error_class text,
  provider text,
  attempts integer not null default 0,
  first_error text,
  first_error_at timestamptz,
  last_error text,
  last_error_at timestamptz not null default now(),
  origin_queue text not null,
  -- Null when the message could not be read.
  task_id text,
  job_id uuid,
  -- Bytes, since a dead letter may be no JSON, and JSON may hold what a jsonb column refuses.
  body bytea not null,
  headers jsonb not null default '{}',
  state varchar(20) not null default 'waiting' check (state in ('waiting', 'replayed', 'discarded', 'enriched')),
  replays integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- Groups by cause: count, first and last seen.
create index dead_letters_fingerprint_idx on dead_letters (state, fingerprint, last_error_at);
-- The newest first, and `--since`.
create index dead_letters_last_error_at_idx on dead_letters (last_error_at);
create index dead_letters_task_id_idx on dead_letters (task_id);
create index dead_letters_job_id_idx on dead_letters (job_id) where job_id is not null;
