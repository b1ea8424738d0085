/** Reads the releases of a movie by country. Kinds: 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 TV. */
import type { ReleaseDates } from './responses.ts';

const THEATRICAL = 3;
const LIMITED = 2;

/** The age rating of a country's theatrical release, else that of any release there; undefined when nobody rated it. */
export function certification(dates: ReleaseDates | null | undefined, country: string): string | undefined {
  const releases = dates?.results.find((one) => one.iso_3166_1 === country)?.release_dates ?? [];
  const rated = releases.filter((release) => (release.certification ?? '') !== '');
  return (rated.find((release) => release.type === THEATRICAL) ?? rated[0])?.certification ?? undefined;
}

/** Country → the day it came to the cinemas, or was first shown in any form where it never did (`YYYY-MM-DD`). */
export function datesByCountry(dates: ReleaseDates | null | undefined): Record<string, string> | undefined {
  const days = (dates?.results ?? []).flatMap(({ iso_3166_1: country, release_dates: releases }) => {
    const inCinemas = releases.filter(({ type }) => type === THEATRICAL || type === LIMITED);
    const told = inCinemas.length > 0 ? inCinemas : releases;
    const first = told
      .map((release) => /^\d{4}-\d{2}-\d{2}/.exec(release.release_date ?? '')?.[0])
      .filter((day) => day !== undefined)
      .sort()[0];
    return first === undefined ? [] : [[country, first] as const];
  });
  return days.length === 0 ? undefined : Object.fromEntries(days);
}
