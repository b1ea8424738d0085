/** From the wire to candidates under the canonical field names. Pure. */
import type { TrackCandidate } from '../../matching/candidate.ts';
import type { Fields } from '../../task/task.ts';
import { known } from '../known.ts';
import { normalIsrc, partialDate } from '../wire-text.ts';
import { albumTitle, albumTypeOf, chooseRelease, releaseTypeOf } from './release-choice.ts';
import type { ArtistCredit, Label, Recording, Release } from './responses.ts';

const MAX_LABELS = 20;
/** A look-up lists no more releases than this; a search lists them all. */
const MOST_RELEASES_OF_A_LOOKUP = 25;
const FEATURING = /\b(?:feat|ft|featuring)\b/i;

/** What the query knows and a recording does not tell itself. */
export interface Asked {
  /** Preferred among the releases of a recording. */
  readonly album?: string;
  /** Normalised: every recording of an answer to a look-up by ISRC carries it. */
  readonly isrc?: string;
}

/** Candidates in the order of the answer. Videos are other works than the track, and nobody can judge an uncredited one. */
export function toCandidates(recordings: readonly Recording[], asked: Asked): TrackCandidate[] {
  return recordings
    .filter((one) => one.video !== true && (one['artist-credit'] ?? []).length > 0)
    .map((one) => toCandidate(one, asked));
}

/** The id is that of the answer: an id that was merged into another comes back as the surviving one. */
export function toCandidate(recording: Recording, asked: Asked): TrackCandidate {
  const credits = recording['artist-credit'] ?? [];
  const releases = recording.releases ?? [];
  const release = chooseRelease(releases, asked.album);
  const isrcs = normalIsrcs([...(recording.isrcs ?? []), ...(asked.isrc ? [asked.isrc] : [])]);
  const firstReleaseDate = partialDate(recording['first-release-date']);
  const durationMs = recording.length && recording.length > 0 ? Math.round(recording.length) : undefined;
  return {
    id: recording.id,
    title: recording.title,
    artist: displayName(credits),
    artists: credits.map(creditedName),
    isrcs,
    popularity: releases.length,
    ...known({
      disambiguation: recording.disambiguation,
      album: release && albumTitle(release, asked.album),
      durationMs,
      releaseDate: firstReleaseDate ?? partialDate(release?.date),
      official: release?.status ? release.status === 'Official' : undefined,
      releaseType: release && releaseTypeOf(release),
    }),
    fields: known({
      title: recording.title,
      artist: displayName(credits),
      artists: artistFields(credits),
      first_release_date: firstReleaseDate,
      duration_ms: durationMs,
      isrcs,
      genres: labels(recording.genres),
      tags: labels(recording.tags),
      musicbrainz_recording_id: recording.id,
      musicbrainz_artist_ids: [...new Set(credits.map((credit) => credit.artist.id))],
      musicbrainz_url: `https://musicbrainz.org/recording/${recording.id}`,
      musicbrainz_rating: recording.rating?.value,
      ...albumFields(release, asked.album),
      ...spotifyLink(recording),
    }),
  };
}

/**
 * What a look-up adds to a candidate of the search. A look-up cuts the list of releases, so that the album of a much
 * released recording is better known from the search, when that told the types of the releases.
 */
export function withDetails(found: TrackCandidate, recording: Recording, asked: Asked): TrackCandidate {
  const told = toCandidate(recording, asked);
  const listsAll = (recording.releases ?? []).length < MOST_RELEASES_OF_A_LOOKUP;
  const knowsAlbum = told.album !== undefined && (listsAll || found.releaseType === undefined);
  const source = knowsAlbum ? told : found;
  const isrcs = [...new Set([...told.isrcs, ...found.isrcs])];
  const album = Object.fromEntries(ALBUM_FIELDS.map((name) => [name, source.fields[name]]));
  return {
    ...found,
    ...told,
    ...known({ album: source.album, official: source.official, releaseType: source.releaseType }),
    isrcs,
    fields: known({ ...found.fields, ...told.fields, ...album, isrcs }),
  };
}

const ALBUM_FIELDS = [
  'album',
  'album_type',
  'release_date',
  'musicbrainz_release_id',
  'musicbrainz_release_group_id',
];

function albumFields(release: Release | undefined, wantedAlbum: string | undefined): Fields {
  if (release === undefined) return {};
  return known({
    album: albumTitle(release, wantedAlbum),
    album_type: albumTypeOf(release),
    release_date: partialDate(release.date),
    musicbrainz_release_id: release.id,
    musicbrainz_release_group_id: release['release-group']?.id,
  });
}

const creditedName = (credit: ArtistCredit): string => credit.name ?? credit.artist.name;

/** Join phrases carry the meaning (" feat. ", " vs. "); where a document leaves them out, a comma does. */
function displayName(credits: readonly ArtistCredit[]): string {
  return credits
    .map((credit, index) => {
      const last = index === credits.length - 1;
      return creditedName(credit) + (credit.joinphrase ?? (last ? '' : ', '));
    })
    .join('')
    .trim();
}

/** Everybody after a "feat." is a guest. */
function artistFields(credits: readonly ArtistCredit[]): Fields[] {
  const firstGuest = credits.findIndex((credit) => FEATURING.test(credit.joinphrase ?? '')) + 1;
  return credits.map((credit, index) => ({
    name: creditedName(credit),
    id: credit.artist.id,
    role: firstGuest > 0 && index >= firstGuest ? 'featured' : 'main',
  }));
}

const normalIsrcs = (raw: readonly string[]): string[] => [
  ...new Set(raw.map(normalIsrc).filter((isrc) => isrc !== undefined)),
];

function labels(raw: readonly Label[] | null | undefined): string[] {
  const voted = (raw ?? []).filter((label) => (label.count ?? 1) >= 1);
  const ordered = voted.sort((a, b) => (b.count ?? 1) - (a.count ?? 1));
  return [...new Set(ordered.map((label) => label.name.toLowerCase()))].slice(0, MAX_LABELS);
}

/** The editors' own link to the same track elsewhere. */
function spotifyLink(recording: Recording): Fields {
  for (const relation of recording.relations ?? []) {
    const id = /^https?:\/\/open\.spotify\.com\/track\/([A-Za-z0-9]{22})$/.exec(
      relation.url?.resource ?? '',
    )?.[1];
    if (id !== undefined && relation.ended !== true) {
      return { spotify_id: id, spotify_url: `https://open.spotify.com/track/${id}` };
    }
  }
  return {};
}
