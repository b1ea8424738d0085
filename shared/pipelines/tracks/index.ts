import { z } from 'zod';
import type { TrackCandidate, TrackQuery } from '../../matching/candidate.ts';
import { MATCHER_VERSION } from '../../matching/decide.ts';
import { judgeTrack } from '../../matching/tracks.ts';
import { optionalDurationMs, optionalIsrc, optionalText, requiredText } from '../entity-fields.ts';
import { numberIn, textIn } from '../field-values.ts';
import type { Pipeline } from '../pipeline.ts';

const schema = z.object({
  track_id: requiredText,
  artist: requiredText,
  title: requiredText,
  album: optionalText,
  isrc: optionalIsrc,
  duration_ms: optionalDurationMs,
});

const MUSICBRAINZ_FIRST = ['musicbrainz', 'spotify'] as const;

/** Recordings: what a scraper knows as artist and title. */
export const tracks: Pipeline<TrackQuery, TrackCandidate> = {
  name: 'tracks',
  kind: 'track',
  prefix: 'metadata_enrichment',
  table: 'tracks',
  idField: 'track_id',
  schema,
  identityFields: ['artist', 'title', 'album', 'isrc'],
  // The archive is asked about covers of what MusicBrainz found, and finds nothing itself.
  chain: ['spotify', 'musicbrainz', 'coverartarchive', 'deezer', 'lastfm'],
  query(entity) {
    const album = textIn(entity, 'album');
    const isrc = textIn(entity, 'isrc');
    const durationMs = numberIn(entity, 'duration_ms');
    return {
      artist: textIn(entity, 'artist') ?? '',
      title: textIn(entity, 'title') ?? '',
      ...(album !== undefined && { album }),
      ...(isrc !== undefined && { isrc }),
      ...(durationMs !== undefined && { durationMs }),
    };
  },
  judge: judgeTrack,
  matcherVersion: MATCHER_VERSION,
  label: (entity) => `${textIn(entity, 'artist') ?? '?'} - ${textIn(entity, 'title') ?? '?'}`,
  // MusicBrainz is edited by people and knows the original release; Spotify dates the album that is on sale.
  preferred: {
    title: MUSICBRAINZ_FIRST,
    artist: MUSICBRAINZ_FIRST,
    artists: MUSICBRAINZ_FIRST,
    album: MUSICBRAINZ_FIRST,
    album_type: MUSICBRAINZ_FIRST,
    release_date: MUSICBRAINZ_FIRST,
    first_release_date: MUSICBRAINZ_FIRST,
    track_number: MUSICBRAINZ_FIRST,
    disc_number: MUSICBRAINZ_FIRST,
    duration_ms: MUSICBRAINZ_FIRST,
    isrcs: MUSICBRAINZ_FIRST,
    artwork_url: ['coverartarchive', 'spotify', 'deezer'],
    genres: ['musicbrainz', 'lastfm'],
    tags: ['lastfm', 'musicbrainz'],
    summary: ['lastfm'],
  },
};
