/** What somebody wants looked up: said in options, taken from a file, or from a task that was here before. */
import type { Command } from 'commander';
import { openInput } from '../../../shared/input/open-input.ts';
import { InputError } from '../../../shared/input/raw-row.ts';
import { readRows } from '../../../shared/input/read-rows.ts';
import type { Pipeline } from '../../../shared/pipelines/pipeline.ts';
import { pipelineNamed } from '../../../shared/pipelines/registry.ts';
import { findLetters } from '../../../shared/postgres/dead-letter-search.ts';
import type { Pool } from '../../../shared/postgres/pool.ts';
import { findSubmittedByTask } from '../../../shared/postgres/submitted-rows.ts';
import { parseMessage } from '../../../shared/task/message.ts';
import { NotFound } from '../not-found.ts';
import { type Fields, NEW_STATE, type Strategy, type Task } from '../../../shared/task/task.ts';

export interface EntityFlags {
  readonly artist?: string;
  readonly title?: string;
  readonly album?: string;
  readonly isrc?: string;
  readonly durationMs?: string;
  readonly year?: string;
  readonly imdbId?: string;
  readonly runtimeMin?: string;
  readonly director?: string;
}

export interface SourceFlags extends EntityFlags {
  readonly taskId?: string;
  readonly file?: string;
  readonly row?: number;
  readonly strategy?: Strategy;
}

const OPTIONS: readonly (readonly [flags: string, doc: string])[] = [
  ['--artist <name>', 'of a track'],
  ['--title <text>', 'of a track or a movie'],
  ['--album <title>', 'of a track'],
  ['--isrc <code>', 'of a track'],
  ['--duration-ms <n>', 'of a track'],
  ['--year <n>', 'of a movie'],
  ['--imdb-id <id>', 'of a movie'],
  ['--runtime-min <n>', 'of a movie'],
  ['--director <name>', 'of a movie'],
];

export const addEntityOptions = (command: Command): Command =>
  OPTIONS.reduce((extended, [flags, doc]) => extended.option(flags, doc), command);

/** True when nothing of an entity was said. */
export const isUnsaid = (flags: EntityFlags): boolean => Object.keys(fieldsOf(flags)).length === 0;

/** Throws InputError, and MessageError for values that a message may not have. */
export async function askedTask(pipeline: Pipeline, flags: SourceFlags, pool: Pool): Promise<Task> {
  const { strategy = 'first' } = flags;
  const again = (task: Task): Task => ({ ...task, strategy, state: NEW_STATE });
  if (flags.taskId !== undefined) return again(await knownTask(pipeline, flags.taskId, pool));
  if (flags.file !== undefined)
    return again(taskOf(pipeline, await rowOf(pipeline, flags.file, flags.row ?? 1)));
  return again(taskOf(pipeline, fieldsOf(flags)));
}

/** As a worker would read it. */
export function taskOf(pipeline: Pipeline, entity: Fields): Task {
  const body = Buffer.from(JSON.stringify({ [pipeline.idField]: 'asked', ...entity }));
  return parseMessage(body, () => pipeline);
}

function fieldsOf(flags: EntityFlags): Fields {
  const { artist, title, album, isrc, durationMs, year, imdbId, runtimeMin, director } = flags;
  const said = {
    ...{ artist, title, album, isrc, director, imdb_id: imdbId },
    duration_ms: numberOf(durationMs),
    year: numberOf(year),
    runtime_min: numberOf(runtimeMin),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Fields;
}

/** What is no number is refused with the field's name when the message is read. */
const numberOf = (raw: string | undefined): number | string | undefined =>
  raw !== undefined && /^\d+$/.test(raw) ? Number(raw) : raw;

async function knownTask(pipeline: Pipeline, taskId: string, pool: Pool): Promise<Task> {
  const row = await findSubmittedByTask(pool, pipeline.table, taskId);
  if (row !== undefined) return taskOf(pipeline, row.entity);
  const letter = (await findLetters(pool, taskId)).find((one) => one.pipeline === pipeline.name);
  if (letter === undefined)
    throw new NotFound(`no result and no dead letter of ${pipeline.name} has the task id '${taskId}'`);
  return parseMessage(letter.body, (name) => (name === undefined ? pipeline : pipelineNamed(name)));
}

async function rowOf(pipeline: Pipeline, file: string, wanted: number): Promise<Fields> {
  const input = await openInput(file, { stdin: process.stdin });
  try {
    let at = 0;
    for await (const row of readRows(input, { pipeline })) {
      at += 1;
      if (at < wanted) continue;
      if ('accepted' in row) return row.accepted.entity;
      throw new InputError(
        row.problems.map(({ field, reason }) => `row ${wanted}: ${field} ${reason}`).join('; '),
      );
    }
    throw new InputError(`'${file}' has ${at} rows, and no row ${wanted}`);
  } finally {
    await input.close();
  }
}
