import type { TrackQuery } from '../../matching/candidate.ts';
import { atMost, baseTitle, foldTypography, songTitle, withoutGuests } from '../search-text.ts';

/** No title needs more to be found, and the service refuses what is much longer. */
const MAX_VALUE_LENGTH = 100;

export interface SearchQuery {
  readonly rung: 'isrc' | 'filters' | 'free_text' | 'base_title';
  readonly q: string;
}

/**
 * What to search for, from the most precise question to the loosest. In lower case: the service does not tell cases
 * apart, but OR and NOT in upper case are operators, and one form fills one place in the cache. None twice.
 */
export function searchQueries(query: TrackQuery): readonly SearchQuery[] {
  const lead = withoutGuests(query.artist);
  const title = filterValue(songTitle(query));
  const artist = filterValue(lead);
  const queries: SearchQuery[] = [
    { rung: 'isrc', q: query.isrc === undefined ? '' : `isrc:${query.isrc}` },
    { rung: 'filters', q: title === '' || artist === '' ? '' : `track:"${title}" artist:"${artist}"` },
    { rung: 'free_text', q: freeText(query.artist, query.title) },
    { rung: 'base_title', q: freeText(lead, baseTitle(query.title)) },
  ];
  return queries.filter(({ q }, index) => q !== '' && queries.findIndex((other) => other.q === q) === index);
}

/** Inside a filter, quotes end it, apostrophes and `+` `/` `-` make it find nothing. */
const filterValue = (value: string): string => clean(value, /["'+/-]/g);

/** A colon would start a filter, a quote a phrase. */
const freeText = (artist: string, title: string): string =>
  [artist, title]
    .map((value) => clean(value, /[":]/g))
    .filter((value) => value !== '')
    .join(' ');

const clean = (value: string, signs: RegExp): string =>
  atMost(foldTypography(foldTypography(value).replace(signs, ' ')).toLowerCase(), MAX_VALUE_LENGTH);
