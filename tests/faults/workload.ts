/** Seeded tasks of both pipelines and lanes: most ask for what is known already, some for something new. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { pipelines } from '../../shared/pipelines/registry.ts';
import type { Route } from '../../shared/rabbitmq/task-publisher.ts';
import { type Fields, laneOf, NEW_STATE, type Task } from '../../shared/task/task.ts';
import { pick, seeded } from '../eval-matching/random.ts';

export interface WorkItem {
  readonly task: Task;
  readonly route: Route;
}

export interface MovieRow {
  readonly title: string;
  readonly release_date: string;
}

export interface WorkloadOptions {
  readonly seed: number;
  /** Movies that the sandbox knows. */
  readonly movies: readonly MovieRow[];
  /** Of all tasks, those that nobody asked for before. */
  readonly coldShare: number;
  /** Begins every task id: runs on one broker must not be mistaken for each other. */
  readonly prefix: string;
}

const HOT = 30;
const MOVIE_SHARE = 0.6;
const BACKLOG_SHARE = 0.3;
const tracksFile = join(import.meta.dirname, '..', '..', 'examples', 'tracks.csv');

/** Every task is about an entity of its own, so that rows can be counted by task; warm ones share the question. */
export class Workload {
  readonly #options: WorkloadOptions;
  readonly #random: () => number;
  readonly #tracks: readonly Fields[];
  readonly #movies: readonly Fields[];
  #count = 0;
  #coldTracks = HOT;
  #coldMovies = HOT;

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.#tracks = readTracks();
    this.#movies = options.movies.map(({ title, release_date: date }) => ({
      title,
      year: Number(date.slice(-4)),
    }));
  }

  next(lane?: 'priority' | 'backlog'): WorkItem {
    const isMovie = this.#random() < MOVIE_SHARE;
    const isCold = this.#random() < this.#options.coldShare;
    const question = isMovie ? this.#movie(isCold) : this.#track(isCold);
    return this.about(isMovie ? 'movies' : 'tracks', question, lane);
  }

  /** A task about each of the things that most tasks are about. */
  known(): WorkItem[] {
    return [
      ...this.#tracks.slice(0, HOT).map((track) => this.about('tracks', track, 'priority')),
      ...this.#movies.slice(0, HOT).map((movie) => this.about('movies', movie, 'priority')),
    ];
  }

  /** A task about this record. */
  about(pipelineName: 'tracks' | 'movies', question: Fields, lane?: 'priority' | 'backlog'): WorkItem {
    const pipeline = pipelines.find(({ name }) => name === pipelineName);
    if (pipeline === undefined) throw new Error(`no pipeline '${pipelineName}'`);
    const isBacklog = lane === undefined ? this.#random() < BACKLOG_SHARE : lane === 'backlog';
    const priority = isBacklog ? Math.floor(this.#random() * 4) : 4 + Math.floor(this.#random() * 7);
    const taskId = `${this.#options.prefix}-${String(this.#count++).padStart(6, '0')}`;
    const task: Task = {
      taskId,
      pipeline: pipelineName,
      owner: '',
      priority,
      strategy: 'first',
      entity: { ...question, [pipeline.idField]: taskId },
      extra: {},
      state: NEW_STATE,
    };
    return { task, route: { prefix: pipeline.prefix, lane: laneOf(priority) } };
  }

  #movie(isCold: boolean): Fields {
    if (!isCold || this.#coldMovies >= this.#movies.length)
      return pick(this.#movies.slice(0, HOT), this.#random);
    return this.#movies[this.#coldMovies++] ?? {};
  }

  /** When the known tracks are used up, unknown songs by known artists follow: they go through the whole chain. */
  #track(isCold: boolean): Fields {
    if (!isCold) return pick(this.#tracks.slice(0, HOT), this.#random);
    const at = this.#coldTracks++;
    const known = this.#tracks[at];
    if (known !== undefined) return known;
    const { artist = '' } = pick(this.#tracks, this.#random);
    return { artist, title: `Unheard Song Number ${at}` };
  }
}

function readTracks(): Fields[] {
  const rows = parse<Record<string, string>>(readFileSync(tracksFile), {
    columns: true,
    skip_empty_lines: true,
  });
  return rows.map(({ artist = '', title = '' }) => ({ artist, title }));
}
