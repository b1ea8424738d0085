/** What the demo enriches, as data. */
import { join } from 'node:path';
import { parseColumnMap } from '../../shared/input/columns.ts';
import type { Pipeline } from '../../shared/pipelines/pipeline.ts';
import { movies } from '../../shared/pipelines/movies/index.ts';
import { tracks } from '../../shared/pipelines/tracks/index.ts';
import type { Lane } from '../../shared/task/task.ts';

export interface Source {
  readonly pipeline: Pipeline;
  readonly file: string;
  /** Field → column. */
  readonly map?: ReadonlyMap<string, string>;
  /** People wait for the tracks; the movies are a list that somebody imports. Both kinds of worker have something to do. */
  readonly lane: Lane;
  /** Names a row of the file in the truth of the sandbox. */
  readonly truthKey: (row: Readonly<Record<string, unknown>>) => string;
}

const root = join(import.meta.dirname, '..', '..');

export const SOURCES: readonly Source[] = [
  {
    pipeline: tracks,
    file: join(root, 'examples', 'tracks.csv'),
    lane: 'priority',
    truthKey: (row) => String(row['track_id']),
  },
  {
    pipeline: movies,
    file: join(root, 'node_modules', 'vega-datasets', 'data', 'movies.json'),
    map: parseColumnMap('title=Title,year="Release Date",director=Director,runtime_min="Running Time min"'),
    lane: 'backlog',
    truthKey: (row) => `${String(row['Title'])} | ${String(row['Release Date'])}`,
  },
];
