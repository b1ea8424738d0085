/** How lists write titles, and how the search wants them. Both functions return the title as it is rather than nothing. */
import { atMost, foldTypography } from '../search-text.ts';

/** Longer than any title needs to be found. */
const MAX_LENGTH = 200;
const TRAILING_ARTICLE = /^(.+), (the|an?|le|la|les|der|die|das|el|los|las|il)$/i;

/** "King Kong (1933)" → "King Kong"; "Omen, The" → "The Omen". The search wants every word to be there. */
export function searchTitle(title: string): string {
  const folded = foldTypography(title);
  const clean = folded.replace(/\s*[([]\d{4}[)\]]$/, '').replace(TRAILING_ARTICLE, '$2 $1');
  return atMost(clean === '' ? folded : clean, MAX_LENGTH);
}

/** Without brackets and subtitle: "Alien: Director's Cut" → "Alien". */
export function baseTitle(title: string): string {
  const whole = searchTitle(title);
  const clean = whole
    .replace(/\s*[([][^)\]]*[)\]]/g, ' ')
    .replace(/\s*:.*$|\s+-\s.*$/, '')
    .trim();
  return clean === '' ? whole : clean;
}
