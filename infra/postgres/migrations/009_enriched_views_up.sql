-- The result tables for people who write SQL: one typed column for each of the main canonical fields. A value of an
-- unexpected type is null rather than an error, since one such row would make the whole view unreadable.
create function json_number(value jsonb) returns numeric language sql immutable parallel safe as $$
  select case when jsonb_typeof(value) = 'number' then value::numeric end
$$;

create function json_boolean(value jsonb) returns boolean language sql immutable parallel safe as $$
  select case when jsonb_typeof(value) = 'boolean' then value::boolean end
$$;

-- Of an array of texts the texts, of an array of objects their names.
create function json_texts(value jsonb) returns text[] language sql immutable parallel safe as $$
  select case when jsonb_typeof(value) = 'array' then array(
    select case when jsonb_typeof(item) = 'object' then item ->> 'name' else item #>> '{}' end
    from jsonb_array_elements(value) as item
  ) end
$$;

create view enriched_tracks as
select owner, track_id, artist as submitted_artist, title as submitted_title,
       enrichment_status, match_confidence, enrichment_source_api, enrichment_timestamp, missing as missing_providers,
       enriched ->> 'title' as title,
       enriched ->> 'artist' as artist,
       json_texts(enriched -> 'artists') as artists,
       enriched ->> 'album' as album,
       enriched ->> 'album_type' as album_type,
       -- As precise as the provider knows: 2017, 2017-07 or 2017-07-21.
       enriched ->> 'release_date' as release_date,
       enriched ->> 'first_release_date' as first_release_date,
       json_number(enriched -> 'duration_ms')::bigint as duration_ms,
       json_texts(enriched -> 'isrcs') as isrcs,
       json_boolean(enriched -> 'explicit') as explicit,
       json_number(enriched -> 'track_number')::integer as track_number,
       json_number(enriched -> 'disc_number')::integer as disc_number,
       json_texts(enriched -> 'genres') as genres,
       json_texts(enriched -> 'tags') as tags,
       enriched ->> 'artwork_url' as artwork_url,
       enriched ->> 'spotify_id' as spotify_id,
       enriched ->> 'spotify_url' as spotify_url,
       json_number(enriched -> 'spotify_popularity')::integer as spotify_popularity,
       enriched ->> 'musicbrainz_recording_id' as musicbrainz_recording_id,
       json_texts(enriched -> 'musicbrainz_artist_ids') as musicbrainz_artist_ids,
       enriched ->> 'musicbrainz_url' as musicbrainz_url,
       enriched ->> 'lastfm_url' as lastfm_url,
       json_number(enriched -> 'lastfm_listeners')::bigint as lastfm_listeners,
       json_number(enriched -> 'lastfm_playcount')::bigint as lastfm_playcount,
       provenance
from tracks;

create view enriched_movies as
select owner, movie_id, title as submitted_title, year as submitted_year,
       enrichment_status, match_confidence, enrichment_source_api, enrichment_timestamp, missing as missing_providers,
       enriched ->> 'title' as title,
       enriched ->> 'original_title' as original_title,
       enriched ->> 'original_language' as original_language,
       json_number(enriched -> 'year')::integer as year,
       enriched ->> 'release_date' as release_date,
       json_number(enriched -> 'runtime_min')::integer as runtime_min,
       enriched ->> 'overview' as overview,
       enriched ->> 'tagline' as tagline,
       json_texts(enriched -> 'genres') as genres,
       enriched ->> 'certification' as certification,
       json_texts(enriched -> 'directors') as directors,
       json_texts(enriched -> 'cast') as cast_names,
       json_texts(enriched -> 'keywords') as keywords,
       json_texts(enriched -> 'production_countries') as production_countries,
       json_number(enriched -> 'budget')::bigint as budget,
       json_number(enriched -> 'revenue')::bigint as revenue,
       json_number(enriched -> 'vote_average') as vote_average,
       json_number(enriched -> 'vote_count')::bigint as vote_count,
       json_number(enriched -> 'tmdb_popularity') as tmdb_popularity,
       enriched ->> 'artwork_url' as artwork_url,
       json_number(enriched -> 'tmdb_id')::bigint as tmdb_id,
       enriched ->> 'imdb_id' as imdb_id,
       enriched ->> 'wikidata_id' as wikidata_id,
       enriched ->> 'tmdb_url' as tmdb_url,
       provenance
from movies;
