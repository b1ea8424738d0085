select drop_added_columns('tracks', array[
  'enriched', 'provenance', 'match', 'match_confidence', 'enrichment_status', 'missing', 'extra', 'task_id',
  'answered_at', 'created_at', 'updated_at'
]);
select drop_added_columns('tracks', array['artist', 'title', 'album', 'isrc', 'duration_ms']);
select drop_result_table('tracks', 'track_id');
