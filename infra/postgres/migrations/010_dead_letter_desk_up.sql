-- A task id is given by whoever publishes: two pipelines may know the same one.
alter table dead_letters drop constraint dead_letters_pkey;
alter table dead_letters add primary key (pipeline, message_id);

-- The entity tells what became of a replay: its row in the result table.
alter table dead_letters
  add column owner text not null default '',
  add column entity_id text,
  add column lane varchar(20) not null default 'priority',
  add column priority smallint not null default 5,
  -- The latest replay that took it.
  add column replay_id uuid,
  add column replayed_at timestamptz,
  -- To tell whether it came back with the error that it had then.
  add column replayed_fingerprint text,
  -- The task that took its place when somebody edited it.
  add column replaced_by text;

-- enriched: dropped by a replay, since its entity had been enriched in another way. gone: not in the queue, and nobody
-- here took it out.
alter table dead_letters drop constraint dead_letters_state_check;
alter table dead_letters add constraint dead_letters_state_check
  check (state in ('waiting', 'replayed', 'discarded', 'enriched', 'edited', 'gone'));

create index dead_letters_replay_id_idx on dead_letters (replay_id) where replay_id is not null;

-- For searching: a dead letter may be anything but text.
create function readable_text(bytes bytea) returns text language plpgsql immutable parallel safe as $$
begin
  return convert_from(bytes, 'UTF8');
exception when others then
  return encode(bytes, 'escape');
end $$;

-- One row for a dead-letter queue that is being swept, or whose sweep ended early: at most one sweep works on a queue.
create table sweeps (
  queue text primary key,
  -- What it writes on the messages that it puts back.
  name uuid not null default gen_random_uuid(),
  -- Empty = nobody.
  holder text not null,
  expires_at timestamptz not null,
  -- What it was asked to do: the same request goes on where an unfinished one stopped.
  request jsonb not null,
  -- Messages when it began, and how many of them it has dealt with.
  total bigint not null,
  seen bigint not null default 0,
  started_at timestamptz not null default now()
);
