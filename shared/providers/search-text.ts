/** What of an artist and a title is worth sending to a search: every guest and every suffix too many finds nothing. */

const TYPOGRAPHY: readonly (readonly [RegExp, string])[] = [
  [/[‘’‛ʼ′`´]/g, "'"],
  [/[“”„‟″]/g, '"'],
  [/[‐‑‒–—―]/g, '-'],
  [/…/g, '...'],
];

/** Typographic quotes, hyphens and ellipses in their plain forms, single spaces, composed letters of any script. */
export const foldTypography = (value: string): string =>
  TYPOGRAPHY.reduce((text, [signs, sign]) => text.replace(signs, sign), value.normalize('NFC'))
    .replace(/\s+/g, ' ')
    .trim();

/** "Song (feat. B)" → "Song", "A ft. B" → "A". Unchanged where nothing would be left. */
export const withoutGuests = (value: string): string =>
  orSelf(
    foldTypography(value)
      .replace(/\s*[([](?:feat|ft|featuring|with)\b[^)\]]*[)\]]/gi, '')
      .replace(/\s+(?:feat|ft|featuring)(?:\.|\s).*$/i, ''),
    value,
  );

/** Without guests, brackets and what follows a dash: "Song (Live) - 2011 Remaster" → "Song". */
export const baseTitle = (title: string): string =>
  orSelf(
    withoutGuests(title)
      .replace(/[([{][^)\]}]*[)\]}]/g, ' ')
      .replace(/\s+-\s.*$/, '')
      .replace(/\s+/g, ' '),
    title,
  );

/** Cuts between words where it can, since half a word finds nothing. */
export function atMost(value: string, length: number): string {
  if (value.length <= length) return value;
  const cut = value.slice(0, length);
  const space = cut.lastIndexOf(' ');
  return space > length / 2 ? cut.slice(0, space) : cut;
}

const orSelf = (value: string, self: string): string => (value.trim() === '' ? self.trim() : value.trim());
