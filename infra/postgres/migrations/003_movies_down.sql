select drop_added_columns('movies', array[
  'enriched', 'provenance', 'match', 'match_confidence', 'enrichment_status', 'missing', 'extra', 'task_id',
  'answered_at', 'created_at', 'updated_at'
]);
select drop_added_columns('movies', array['title', 'year', 'imdb_id', 'runtime_min', 'director']);
select drop_result_table('movies', 'movie_id');
