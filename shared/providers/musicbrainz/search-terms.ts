/**
 * The search language is Lucene's. Values are written in lower case, since AND, OR, NOT and TO are operators only in
 * upper case, and every sign with a meaning is escaped: "AC/DC: Live!" and "Now OR Never" are titles, not syntax.
 */

/** Longer than any title needs to be found; keeps the URL within what servers take. */
const MAX_LENGTH = 200;
const SPECIAL = /[+\-&|!(){}[\]^"~*?:\\/]/g;

const TYPOGRAPHY: readonly (readonly [RegExp, string])[] = [
  [/[‘’‛ʼ′`´]/g, "'"],
  [/[“”„‟″]/g, '"'],
  [/[‐‑‒–—―]/g, '-'],
  [/…/g, '...'],
];

/** A value that must occur as it is; inside quotes only the quote and the backslash have a meaning. */
export const phrase = (value: string): string => `"${plain(value).replaceAll(/["\\]/g, '\\$&')}"`;

/** Words that are ranked by how many of them occur. */
export const words = (value: string): string => `(${plain(value).replaceAll(SPECIAL, '\\$&')})`;

/**
 * Without guests: titles never name them here, and a phrase with them finds nothing. Unchanged where nothing would be
 * left.
 */
export function withoutGuests(value: string): string {
  return orSelf(
    value
      .replaceAll(/\s*[([]\s*(?:feat|ft|featuring|with)\b[^)\]]*[)\]]/gi, '')
      .replace(/\s+(?:feat|ft|featuring)(?:\.|\s).*$/i, ''),
    value,
  );
}

/** Without brackets and without what follows a dash: "Song (Live) - 2011 Remaster" → "Song". */
export const baseTitle = (title: string): string =>
  orSelf(
    foldTypography(withoutGuests(title))
      .replaceAll(/[([{][^)\]}]*[)\]}]/g, ' ')
      .replace(/\s+-\s.*$/, ''),
    title,
  );

/** The first of several names. Cuts "Earth, Wind & Fire" too: what is left still finds them as a part of their name. */
export const mainArtist = (artist: string): string =>
  orSelf(withoutGuests(artist).split(/\s*[,;&]\s*|\s+(?:x|vs\.?|and|\/|\+)\s+/i)[0] ?? '', artist);

/** How the search sees a value: equal ones need no second request. */
export function plain(value: string): string {
  const folded = foldTypography(value).toLowerCase().replaceAll(/\s+/g, ' ').trim();
  if (folded.length <= MAX_LENGTH) return folded;
  // Cut between words, so that a phrase still consists of whole ones.
  const cut = folded.slice(0, MAX_LENGTH);
  return cut.slice(0, Math.max(cut.lastIndexOf(' '), MAX_LENGTH / 2)).trim();
}

const foldTypography = (value: string): string =>
  TYPOGRAPHY.reduce((text, [signs, sign]) => text.replaceAll(signs, sign), value.normalize('NFC'));

const orSelf = (value: string, self: string): string => (value.trim() === '' ? self : value.trim());
