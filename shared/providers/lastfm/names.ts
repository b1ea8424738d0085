import type { TrackQuery } from '../../matching/candidate.ts';
import { compact, normalise } from '../../matching/normalise.ts';
import { baseTitle, songTitle, withoutGuests } from '../search-text.ts';
import type { Pair } from './client.ts';

/** Collects everything that players could not read; has millions of listeners. */
const NOBODY = 'unknown';

/** The pairs worth asking for: the song, and without brackets and suffixes where it has any. Guests are named by none. */
export function pairsOf(query: TrackQuery): { readonly song: Pair; readonly base: Pair } {
  const artist = withoutGuests(query.artist);
  return { song: { artist, title: songTitle(query) }, base: { artist, title: baseTitle(query.title) } };
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
