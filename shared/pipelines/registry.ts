import { movies } from './movies/index.ts';
import type { Pipeline } from './pipeline.ts';
import { tracks } from './tracks/index.ts';

/** All pipelines. The first one is the default of publishers that name none. */
export const pipelines: readonly Pipeline[] = [tracks, movies];

/** The pipeline of that name; undefined when there is none. */
export const pipelineNamed = (name: string): Pipeline | undefined =>
  pipelines.find((pipeline) => pipeline.name === name);
