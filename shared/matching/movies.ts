import type { FieldDistance, Judgement, Scored } from '../task/answer.ts';
import type { MovieCandidate, MovieQuery } from './candidate.ts';
import { decide, round, weightedMean } from './decide.ts';
import { textDistance } from './distances.ts';
import { agreementOf, cleanMovieTitle, type TitleAgreement } from './movie-titles.ts';

const TITLE: Readonly<Record<TitleAgreement, number>> = { exact: 0, base: 0.2, near: 0.22, none: 1 };
/** A year is known and the candidate has none: services leave out the date of what nobody cared for. */
const UNDATED = 0.45;
/** Services date by festival, country or production; nobody agrees for one title in a hundred. */
const NEXT_YEAR = 0.28;
/** Nobody said a year: nearly too far, and a little known namesake is too far. */
const NOT_ASKED = 0.3;
const NOT_ASKED_UNKNOWN = 0.45;
/** Only where the director confirms it: a first showing or a re-release counted for the year. */
const OTHER_YEAR = 0.4;
const SAME_RUNTIME_MIN = 10;
const SAME_DIRECTOR = 0.3;
/** An equal title is the famous one when it has this many times the votes of the next. */
const DOMINANCE = 10;
const KNOWN_VOTES = 100;

/**
 * Whether one of the candidates is the movie that was asked for. The IMDb id decides where both know it. Otherwise the
 * title must be equal (to any of its titles) and the year within one; a subtitle left out or a misspelling needs the
 * exact year. Without a year the title must be unique, or by far the best known. Position decides nothing.
 */
export function judgeMovie(
  query: MovieQuery,
  candidates: readonly MovieCandidate[],
): Judgement<MovieCandidate> {
  const cleaned = cleanMovieTitle(query.title);
  const year = query.year ?? cleaned.year;
  const asked: Asked = { query, titles: [cleaned.title, query.title], ...(year !== undefined && { year }) };
  return decide(
    candidates.map((candidate) => score(asked, candidate)),
    {
      isSame: (a, b) => a.id === b.id || (a.imdbId !== undefined && a.imdbId === b.imdbId),
      compare: (a, b) => (b.votes ?? 0) - (a.votes ?? 0) || (b.popularity ?? 0) - (a.popularity ?? 0),
      // Not a year off: there nothing but being the only one speaks for it.
      dominates: (a, b) =>
        (yearsApart(year, a.year) ?? 0) === 0 &&
        (a.votes ?? 0) >= KNOWN_VOTES &&
        (a.votes ?? 0) >= DOMINANCE * Math.max(1, b.votes ?? 0),
    },
  );
}

interface Asked {
  readonly query: MovieQuery;
  readonly titles: readonly string[];
  readonly year?: number;
}

function score(asked: Asked, candidate: MovieCandidate): Scored<MovieCandidate> {
  const { query } = asked;
  const given = [candidate.title, ...candidate.otherTitles];
  const agreements = asked.titles.map((title) => agreementOf(title, given));
  const agreement = (['exact', 'base', 'near'] as const).find((one) => agreements.includes(one)) ?? 'none';
  const director = directorDistance(query.director, candidate.directors);
  const fields: FieldDistance[] = [{ field: 'title', distance: TITLE[agreement], weight: 3 }];
  const apart = yearsApart(asked.year, candidate.year);
  fields.push({ field: 'year', distance: yearDistance(asked.year, candidate), weight: 2 });
  if (query.runtimeMin !== undefined && candidate.runtimeMin !== undefined) {
    const minutes = Math.abs(query.runtimeMin - candidate.runtimeMin);
    fields.push({ field: 'runtime_min', distance: Math.min(1, minutes / (4 * SAME_RUNTIME_MIN)), weight: 1 });
  }
  if (director !== undefined) fields.push({ field: 'director', distance: director, weight: 1 });
  if (query.imdbId !== undefined && candidate.imdbId !== undefined)
    return identified(candidate, query.imdbId, fields, isPlausible(asked, candidate, agreement, apart));
  const vetoes = vetoesOf(agreement, apart, director !== undefined && director <= SAME_DIRECTOR);
  return scored(candidate, round(weightedMean(fields)), fields, vetoes);
}

/** An id is believed unless nothing else agrees: then it was mistyped. */
function identified(
  candidate: MovieCandidate,
  imdbId: string,
  fields: readonly FieldDistance[],
  plausible: boolean,
): Scored<MovieCandidate> {
  const same = candidate.imdbId === imdbId;
  const shown = [...fields, { field: 'imdb_id', distance: same ? 0 : 1, weight: 0 }];
  if (!same) return scored(candidate, 1, shown, ['imdb_id']);
  const distance = round(0.3 * Math.min(weightedMean(fields), 0.4));
  return scored(candidate, distance, shown, plausible ? [] : ['title and year']);
}

function isPlausible(
  asked: Asked,
  candidate: MovieCandidate,
  agreement: TitleAgreement,
  apart: number | undefined,
): boolean {
  if (agreement !== 'none' || (apart !== undefined && apart <= 1)) return true;
  return textDistance(asked.query.title, candidate.title) <= 0.5;
}

function scored(
  candidate: MovieCandidate,
  distance: number,
  fields: readonly FieldDistance[],
  vetoes: readonly string[],
): Scored<MovieCandidate> {
  const shown = fields.map((field) => ({ ...field, distance: round(field.distance) }));
  return { candidate, distance, score: round(1 - distance), fields: shown, vetoes };
}

function vetoesOf(agreement: TitleAgreement, apart: number | undefined, sameDirector: boolean): string[] {
  const vetoes: string[] = [];
  if (agreement === 'none') vetoes.push('title');
  if (apart !== undefined && apart > 1 && !sameDirector) vetoes.push('year');
  if ((agreement === 'base' || agreement === 'near') && apart !== 0)
    vetoes.push('title needs the exact year');
  return vetoes;
}

const yearsApart = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : Math.abs(a - b);

function yearDistance(asked: number | undefined, { year, votes = 0 }: MovieCandidate): number {
  if (asked === undefined) return votes < KNOWN_VOTES ? NOT_ASKED_UNKNOWN : NOT_ASKED;
  if (year === undefined) return UNDATED;
  const apart = Math.abs(asked - year);
  return apart === 0 ? 0 : apart === 1 ? NEXT_YEAR : OTHER_YEAR;
}

/** Of the nearest of several directors; undefined when one side knows none. */
function directorDistance(
  asked: string | undefined,
  given: readonly string[] | undefined,
): number | undefined {
  if (asked === undefined || given === undefined || given.length === 0) return undefined;
  return Math.min(...given.map((name) => textDistance(asked, name)));
}
