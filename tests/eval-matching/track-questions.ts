/** How records about a track go wrong on their way to us. */
import type { TrackCandidate, TrackQuery } from '../../shared/matching/candidate.ts';
import { mistyped, pick, withoutAccents } from './random.ts';
import { romanised } from './romanised.ts';

const GUESTS = ['Ada Quill', 'Milo Tarn', 'The Lamplighters'] as const;
const REMASTERS = [
  ' - Remastered 2011',
  ' (2009 Remaster)',
  ' [Remastered]',
  ' - 2015 Digital Remaster',
] as const;
/** Left out, the title would mean another recording. */
const NAMES_A_VERSION = /\b(?:live|demo|remix|mix|acoustic|instrumental|takes?|edit|version|duet|vocals?)\b/i;

export const BASE_TITLE = 'base title';
export const ANOTHER_SCRIPT = 'another script';
export const SHARED_BASE_TITLE = 'base title of several songs';
/** From the first bracket or dash on. */
export const TRAILING_PART = /\s*[([].*$|\s+[-‐–—]\s.*$/;

type Degrade = (query: TrackQuery, track: TrackCandidate, random: () => number) => TrackQuery | undefined;

/** These count towards the target. Undefined: the degradation does not apply to the track. */
export const DEGRADATIONS: Readonly<Record<string, Degrade>> = {
  case: (query, _track, random) => {
    const change = (text: string): string => (random() < 0.5 ? text.toUpperCase() : text.toLowerCase());
    return { ...query, artist: change(query.artist), title: change(query.title) };
  },
  ascii: (query) => ({ ...query, artist: withoutAccents(query.artist), title: withoutAccents(query.title) }),
  typo: (query, _track, random) => ({
    ...query,
    artist: mistyped(query.artist, random),
    title: mistyped(query.title, random),
  }),
  'feat.': (query, _track, random) => ({ ...query, title: `${query.title} (feat. ${pick(GUESTS, random)})` }),
  remaster: (query, _track, random) => ({ ...query, title: query.title + pick(REMASTERS, random) }),
  [BASE_TITLE]: (query) => {
    const part = TRAILING_PART.exec(query.title)?.[0];
    const isVersion = part !== undefined && NAMES_A_VERSION.test(part);
    const base = query.title.slice(0, query.title.length - (part?.length ?? 0));
    return isVersion || base === '' ? undefined : { ...query, title: base };
  },
  'main artist only': (query, track) => ({ ...query, artist: track.artists[0] ?? query.artist }),
  'no duration': ({ durationMs: _durationMs, ...query }) => query,
  '+8 s': (query) => ({ ...query, ...(query.durationMs && { durationMs: query.durationMs + 8_000 }) }),
};

/** Reported beside them. */
export const APART: Readonly<Record<string, Degrade>> = {
  unchanged: (query) => query,
  'artists swapped': (query, track) =>
    track.artists.length < 2 ? undefined : { ...query, artist: track.artists.toReversed().join(' & ') },
  [ANOTHER_SCRIPT]: (query) => {
    const changed = { ...query, artist: romanised(query.artist), title: romanised(query.title) };
    return changed.artist === query.artist && changed.title === query.title ? undefined : changed;
  },
  'no album, no ISRC, no duration, typo': ({ artist, title }, _track, random) => ({
    artist: mistyped(artist, random),
    title: mistyped(title, random),
  }),
};

/**
 * The record of a list that means this track: artist, title, duration. Where only a comment tells which version it is,
 * the title says it as lists do; without it nobody could know.
 */
export function queryFor(track: TrackCandidate): TrackQuery {
  const comment = track.disambiguation?.split(',')[0] ?? '';
  return {
    artist: track.artist,
    title: comment === '' ? track.title : `${track.title} (${comment})`,
    ...(track.durationMs !== undefined && { durationMs: track.durationMs }),
  };
}
