-- Who may use the HTTP API. A key is shown once, when it is made; what is kept cannot be turned back into it.
create table api_keys (
  -- Part of the key itself, so that it is found without a search.
  key_id text primary key,
  -- SHA-256 of its secret part: 256 random bits need no slow hash.
  secret_hash bytea not null,
  -- Whose jobs and results it reaches.
  owner text not null default '',
  name text not null,
  scope varchar(20) not null check (scope in ('viewer', 'operator', 'admin')),
  -- Of the owner's jobs and rows; null = as the service is configured.
  max_running_jobs integer check (max_running_jobs > 0),
  max_rows bigint check (max_rows > 0),
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  -- To the minute.
  last_used_at timestamptz,
  -- The key whose place it took.
  replaces text references api_keys (key_id) on delete set null
);

create index api_keys_owner_idx on api_keys (owner);

-- Replays of dead letters that were asked for over HTTP: each is watched like a job, and taken over by another process
-- when the one that ran it is gone.
create table dead_letter_replays (
  replay_id uuid primary key default gen_random_uuid(),
  owner text not null default '',
  actor text not null,
  request jsonb not null,
  status varchar(20) not null default 'running' check (status in ('running', 'completed', 'stopped', 'cancelled', 'failed')),
  progress jsonb not null default '{}',
  error text,
  -- The process that runs it, while its lease lasts.
  holder text not null default '',
  leased_until timestamptz not null default now(),
  is_cancel_wanted boolean not null default false,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);

create index dead_letter_replays_running_idx on dead_letter_replays (leased_until) where status = 'running';
create index dead_letter_replays_created_at_idx on dead_letter_replays (created_at);
