create table background_jobs (
  id bigint generated always as identity primary key,
  job_id uuid not null default gen_random_uuid() unique,
  user_id text not null default '',
  job_type varchar(100) not null,
  status varchar(20) not null default 'queued',
  total_items bigint not null default 0 check (total_items >= 0),
  -- Settled well: enriched, not_found, ambiguous or cancelled.
  processed_items bigint not null default 0 check (processed_items >= 0),
  failed_items bigint not null default 0 check (failed_items >= 0),
  -- Derived, so that it can never disagree with the counters.
  progress_percent numeric(5, 2) generated always as (
    case when total_items = 0 then 0
         else round(least(100, 100.0 * (processed_items + failed_items) / total_items), 2) end
  ) stored,
  result_data jsonb,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz
)
-- A running job is updated with every batch: the counters carry no index, so that these updates stay on their page.
with (fillfactor = 50);

create index background_jobs_user_id_status_idx on background_jobs (user_id, status);
create index background_jobs_created_at_idx on background_jobs (created_at);
