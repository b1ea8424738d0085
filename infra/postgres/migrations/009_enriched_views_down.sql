drop view enriched_movies;
drop view enriched_tracks;
drop function json_texts(jsonb);
drop function json_boolean(jsonb);
drop function json_number(jsonb);
