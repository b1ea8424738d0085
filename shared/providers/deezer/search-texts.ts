import type { TrackQuery } from '../../matching/candidate.ts';
import { atMost, baseTitle, foldTypography, songTitle, withoutGuests } from '../search-text.ts';

/** No song needs more to be found. */
const MAX_LENGTH = 150;

export interface SearchText {
  readonly rung: 'free_text' | 'base_title';
  readonly text: string;
}

/** What to search for, from the most precise text to the loosest; none twice. In lower case: one form, one place in the cache. */
export function searchTexts(query: TrackQuery): readonly SearchText[] {
  const artist = withoutGuests(query.artist);
  const texts: SearchText[] = [
    { rung: 'free_text', text: plain(`${artist} ${songTitle(query)}`) },
    { rung: 'base_title', text: plain(`${artist} ${baseTitle(query.title)}`) },
  ];
  return texts.filter(
    ({ text }, index) => text !== '' && texts.findIndex((other) => other.text === text) === index,
  );
}

/** A colon after a word would make it a filter, and a quote a phrase. */
const plain = (text: string): string =>
  atMost(foldTypography(foldTypography(text).replace(/[":]/g, ' ')).toLowerCase(), MAX_LENGTH);
