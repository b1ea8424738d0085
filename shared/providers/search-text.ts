/**
 * What of an artist and a title is worth sending to a search: every guest and every suffix too many finds nothing.
 * Reads titles as the matcher does, so that what is asked for and what is accepted go together.
 */
import { fold } from '../matching/normalise.ts';
import { withoutArtist } from '../matching/titles.ts';
import { parseTitle } from '../matching/versions.ts';

/** Typographic quotes, hyphens and ellipses in their plain forms, single spaces; letters of any script stay. */
export const foldTypography = (value: string): string => fold(value);

/** "Song (feat. B)" → "Song", "A ft. B" → "A". Unchanged where nothing would be left. */
export const withoutGuests = (value: string): string =>
  orSelf(
    fold(value)
      .replace(/\s*[([](?:feat|ft|featuring|with)\b[^)\]]*[)\]]/gi, '')
      .replace(/\s+(?:feat|ft|featuring)(?:\.|\s).*$/i, ''),
    value,
  );

/**
 * The name of the song as a list of songs prints it: "A - Song (feat. B) - 2011 Remaster" by A → "Song". What makes it
 * another recording stays: "Song (Live)". Never empty.
 */
export function songTitle({ artist, title }: { readonly artist: string; readonly title: string }): string {
  const own = withoutArtist(title, artist);
  const { full, versions } = parseTitle(own);
  return versions.size === 0 ? full : withoutGuests(own);
}

/** Without guests, brackets and what follows a dash: "Song (Live) - 2011 Remaster" → "Song". Never empty. */
export const baseTitle = (title: string): string => parseTitle(title).bare;

/** Cuts between words where it can, since half a word finds nothing. */
export function atMost(value: string, length: number): string {
  if (value.length <= length) return value;
  const space = value.lastIndexOf(' ', length);
  return value.slice(0, space >= length / 2 ? space : length);
}

const orSelf = (value: string, self: string): string => (value.trim() === '' ? self.trim() : value.trim());
