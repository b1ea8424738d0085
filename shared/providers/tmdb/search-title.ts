/** How lists write titles, and how the search wants them. Both functions return the title as it is rather than nothing. */
import { atMost } from '../search-text.ts';

/** Longer than any title needs to be found. */
const MAX_LENGTH = 200;
const TRAILING_ARTICLE = /^(.+), (the|an?|le|la|les|der|die|das|el|los|las|il)$/i;

/**
 * "King Kong (1933)" → "King Kong"; "Omen, The" → "The Omen". The search wants every word to be there. Signs stay as
 * they are: "Alien³" and "8½" are one word for the search, and "Alien 3" are two.
 */
export function searchTitle(title: string): string {
  const whole = title.normalize('NFC').replace(/\s+/g, ' ').trim();
  const clean = whole.replace(/\s*[([]\d{4}[)\]]$/, '').replace(TRAILING_ARTICLE, '$2 $1');
  return atMost(clean === '' ? whole : clean, MAX_LENGTH);
}

/** Without brackets and subtitle: "Alien: Director's Cut" → "Alien". */
export function baseTitle(title: string): string {
  const whole = searchTitle(title);
  const clean = whole
    .replace(/\s*[([][^)\]]*[)\]]/g, ' ')
    .replace(/\s*:.*$|\s+[-–—]\s.*$/, '')
    .trim();
  return clean === '' ? whole : clean;
}
