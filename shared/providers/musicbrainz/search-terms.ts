/**
 * The search language is Lucene's. Values are written in lower case, since AND, OR, NOT and TO are operators only in
 * upper case, and every sign with a meaning is escaped: "AC/DC: Live!" and "Now OR Never" are titles, not syntax.
 */
import type { TrackQuery } from '../../matching/candidate.ts';
import { atMost, baseTitle, foldTypography, songTitle, withoutGuests } from '../search-text.ts';

/** Longer than any title needs to be found; keeps the URL within what servers take. */
const MAX_LENGTH = 200;
const SPECIAL = /[+\-&|!(){}[\]^"~*?:\\/]/g;

/**
 * Title and artist as phrases. It asks the same for every album and duration of a song, so that one response serves
 * them all. Guests and remasters are left out: titles never name them here.
 */
export const exactTerms = (query: TrackQuery): string =>
  phrases(songTitle(query), withoutGuests(query.artist));

/**
 * Some words of title and artist. What has no AND before it only ranks: without it, ten bootlegs of concerts can hide
 * the recording that everybody means.
 */
export function looseTerms(query: TrackQuery): string {
  const { artist, album = '' } = query;
  const wanted = plain(album) === '' ? '' : ` release:${phrase(album)}`;
  return `recording:${words(songTitle(query))} AND artist:${words(withoutGuests(artist))} status:official${wanted}`;
}

/** The song without any suffix, by the first of its artists. */
export const baseTerms = ({ title, artist }: TrackQuery): string =>
  phrases(baseTitle(title), mainArtist(artist));

const phrases = (title: string, artist: string): string =>
  `recording:${phrase(title)} AND artist:${phrase(artist)}`;

/** Must occur as it is; inside quotes only the quote and the backslash have a meaning. */
const phrase = (value: string): string => `"${plain(value).replace(/["\\]/g, '\\$&')}"`;

/** Ranked by how many of them occur. */
const words = (value: string): string => `(${plain(value).replace(SPECIAL, '\\$&')})`;

const plain = (value: string): string => atMost(foldTypography(value).toLowerCase(), MAX_LENGTH);

/** Cuts "Earth, Wind & Fire" too: what is left still finds them, as a part of their name. */
function mainArtist(artist: string): string {
  const [first = ''] = withoutGuests(artist).split(/\s*[,;&]\s*|\s+(?:x|vs\.?|and|\/|\+)\s+/i);
  return first === '' ? artist : first;
}
