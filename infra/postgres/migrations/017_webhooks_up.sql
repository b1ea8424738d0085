-- Who wants to be told of jobs over HTTP.
create table webhook_endpoints (
  endpoint_id uuid primary key default gen_random_uuid(),
  owner text not null,
  -- Null = the callback URLs that the owner's jobs come with: they share one secret.
  url text check (url is null or length(url) <= 2000),
  description text not null default '',
  events text[] not null,
  -- Signing needs it as it is; it is shown once.
  secret text not null,
  -- Signs as well until then, so that a receiver can change over.
  previous_secret text,
  previous_until timestamptz,
  is_enabled boolean not null default true,
  -- Why it was disabled, by whom; null while it is enabled.
  disabled_reason text,
  -- First failure since the latest success.
  failing_since timestamptz,
  created_at timestamptz not null default now(),
  created_by text not null
);
create unique index webhook_endpoints_callbacks_idx on webhook_endpoints (owner) where url is null;
create index webhook_endpoints_owner_idx on webhook_endpoints (owner, created_at);

-- What is to be told and what came of it. A row is written in the transaction in which the thing happens, so that
-- nothing is told that did not happen, and nothing that happened goes untold.
create table webhook_deliveries (
  -- Also the webhook-id: the same over all tries.
  delivery_id uuid primary key default gen_random_uuid(),
  -- Rises with time: what lists are ordered and paged by.
  id bigint generated always as identity,
  owner text not null,
  -- Null = to a callback URL, which stands in `url` then.
  endpoint_id uuid,
  url text,
  -- What is paced together: the endpoint, or the origin of the callback URL.
  target text not null,
  job_id uuid,
  type varchar(40) not null,
  payload jsonb not null,
  status varchar(20) not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  next_at timestamptz not null default now(),
  -- The lease of the process that sends it.
  claim uuid,
  claimed_until timestamptz,
  -- Of the current round: sending it again by hand begins a new one.
  attempts integer not null default 0,
  -- [{at, status, error, ms}], the latest 20.
  tries jsonb not null default '[]',
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index webhook_deliveries_due_idx on webhook_deliveries (next_at) where status = 'pending';
create unique index webhook_deliveries_owner_idx on webhook_deliveries (owner, id);
create index webhook_deliveries_job_idx on webhook_deliveries (job_id, type);
create index webhook_deliveries_created_idx on webhook_deliveries (created_at);
