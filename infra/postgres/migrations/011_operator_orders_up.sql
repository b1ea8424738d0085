-- What operators say about a provider's gate. Workers never write these columns, so what they save of a gate cannot
-- undo an order.
alter table provider_state
  -- Closed by hand until then; null = not held.
  add column held_until timestamptz,
  add column held_reason text,
  -- `10/s` instead of the configured rate; null = as configured.
  add column set_rate text;

-- Lanes that no worker consumes now: entry and provider stages of `priority` or `backlog`; `intake` = the entry stages
-- of both. A lane that is not named is served.
create table lane_pauses (
  target varchar(20) primary key check (target in ('priority', 'backlog', 'intake')),
  paused_until timestamptz not null,
  reason text not null default '',
  actor text not null,
  since timestamptz not null default now()
);
