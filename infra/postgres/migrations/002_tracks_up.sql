-- One row for each track of an owner. No index but the key: results are written far more often than they are
-- searched, and every index on a column that changes would end heap-only updates.
select ensure_result_table('tracks', 'track_id');

-- As submitted.
select add_missing_column('tracks', name, definition) from (values
  ('artist', 'text'),
  ('title', 'text'),
  ('album', 'text'),
  ('isrc', 'text'),
  ('duration_ms', 'integer')
) as submitted (name, definition);

select add_missing_column('tracks', name, definition) from (values
  -- Canonical field → value, and field → {provider, id, fetched_at, expires_at} with times in epoch milliseconds.
  ('enriched', 'jsonb not null default ''{}'''),
  ('provenance', 'jsonb not null default ''{}'''),
  -- {score, rung, matcher_version, distances: [{field, distance, weight}], runner_up: {id, title, score}}
  ('match', 'jsonb'),
  ('match_confidence', 'double precision'),
  ('enrichment_status', 'varchar(20)'),
  -- Providers that failed or were passed over: the result is partial unless this is empty.
  ('missing', 'text[] not null default ''{}'''),
  ('extra', 'jsonb not null default ''{}'''),
  -- The task that last changed the row.
  ('task_id', 'text'),
  -- The newest look-up that this row knows of; null while it only knows of cancelled ones.
  ('answered_at', 'timestamptz'),
  ('created_at', 'timestamptz not null default now()'),
  ('updated_at', 'timestamptz not null default now()')
) as result (name, definition);
