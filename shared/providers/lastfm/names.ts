import type { TrackQuery } from '../../matching/candidate.ts';
import { compact, normalise } from '../../matching/normalise.ts';
import { baseTitle, songTitle, withoutGuests } from '../search-text.ts';
import type { Pair } from './client.ts';

/** Collects everything that players could not read; has millions of listeners. */
const NOBODY = 'unknown';

const ARTICLE = /^the (?=\S)|, the$/i;

/** The pairs worth asking for. Guests are named by none of them. */
export interface Pairs {
  readonly song: Pair;
  /** Without brackets and suffixes. */
  readonly base: Pair;
  /** What a search must contain: without the article, which spellings of a name differ in. */
  readonly words: Pair;
}

export function pairsOf(query: TrackQuery): Pairs {
  const artist = withoutGuests(query.artist);
  const title = baseTitle(query.title);
  return {
    song: { artist, title: songTitle(query) },
    base: { artist, title },
    words: { artist: artist.replace(ARTICLE, ''), title: title.replace(ARTICLE, '') },
  };
}

/**
 * Whether the service speaks of what we asked for. It answers any pair that anybody ever played, follows its own
 * corrections to other tracks, and has been seen to answer with the data of another one: names must be equal.
 */
export function isEcho(query: TrackQuery, answer: Pair): boolean {
  const { song, base } = pairsOf(query);
  const artist = nameKey(answer.artist);
  if (artist === NOBODY) return false;
  return (
    [query.artist, song.artist].some((asked) => nameKey(asked) === artist) &&
    [query.title, song.title, base.title].some((asked) => nameKey(asked) === nameKey(answer.title))
  );
}

export const isSamePair = (a: Pair, b: Pair): boolean =>
  nameKey(a.artist) === nameKey(b.artist) && nameKey(a.title) === nameKey(b.title);

const nameKey = (name: string): string => compact(normalise(name));
