-- What a provider's gate must not forget when Redis is emptied: read back when its key is missing.
create table provider_state (
  provider text primary key,
  paused_until timestamptz,
  pause_reason text,
  -- Share of the configured rate that is used after a 429; 1 = all of it.
  learned_factor double precision not null default 1 check (learned_factor > 0 and learned_factor <= 1),
  budget_day date not null default current_date,
  requests_today bigint not null default 0 check (requests_today >= 0),
  updated_at timestamptz not null default now()
);

-- What people did: replays, discards, cancellations, changes of limits.
create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb not null default '{}'
);

create index audit_log_at_idx on audit_log (at);
create index audit_log_target_idx on audit_log (target, at);
