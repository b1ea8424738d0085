import { z } from 'zod';
import type { MovieCandidate, MovieQuery } from '../../matching/candidate.ts';
import { MATCHER_VERSION } from '../../matching/decide.ts';
import { judgeMovie } from '../../matching/movies.ts';
import {
  optionalImdbId,
  optionalMinutes,
  optionalText,
  optionalYear,
  requiredText,
} from '../entity-fields.ts';
import { numberIn, textIn } from '../field-values.ts';
import type { Pipeline } from '../pipeline.ts';

const schema = z.object({
  movie_id: requiredText,
  title: requiredText,
  year: optionalYear,
  imdb_id: optionalImdbId,
  runtime_min: optionalMinutes,
  director: optionalText,
});

/** Feature films: a title, and best a year. */
export const movies: Pipeline<MovieQuery, MovieCandidate> = {
  name: 'movies',
  kind: 'movie',
  prefix: 'movie_enrichment',
  table: 'movies',
  idField: 'movie_id',
  schema,
  identityFields: ['title', 'year', 'imdb_id'],
  chain: ['tmdb'],
  query(entity) {
    const year = numberIn(entity, 'year');
    const imdbId = textIn(entity, 'imdb_id');
    const runtimeMin = numberIn(entity, 'runtime_min');
    const director = textIn(entity, 'director');
    return {
      title: textIn(entity, 'title') ?? '',
      ...(year !== undefined && { year }),
      ...(imdbId !== undefined && { imdbId }),
      ...(runtimeMin !== undefined && { runtimeMin }),
      ...(director !== undefined && { director }),
    };
  },
  judge: judgeMovie,
  matcherVersion: MATCHER_VERSION,
  label(entity) {
    const title = textIn(entity, 'title') ?? '?';
    const year = numberIn(entity, 'year');
    return year === undefined ? title : `${title} (${year})`;
  },
  preferred: {},
};
