import { z } from 'zod';
import { problemsOf } from '../task/message-error.ts';
import { isDeeper, MAX_DEPTH } from '../task/message.ts';
import type { FieldProblem } from '../task/message-error.ts';
import { HIGHEST_PRIORITY } from '../task/task.ts';
import type { Fields, Json } from '../task/task.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import type { Columns } from './columns.ts';
import { recordId } from './record-id.ts';

/** What reading records needs to know of a pipeline. */
export type RecordRules = Pick<Pipeline, 'schema' | 'idField' | 'identityFields'>;

/** A record that can be published. */
export interface InputRecord {
  /** As the pipeline's schema gives it; always with an id. */
  readonly entity: Fields;
  /** Columns that the pipeline does not know, under their folded names. Values that say nothing are left out. */
  readonly extra: Fields;
  /** From a column of that name: counts more than what is said for the whole file. */
  readonly priority?: number;
}

export type RecordReader = (
  record: Readonly<Record<string, unknown>>,
) => { readonly accepted: InputRecord } | { readonly problems: readonly FieldProblem[] };

/**
 * Makes the function that turns a raw record into one that can be published, or says everything that is wrong with it.
 * Pure, but for what it remembers of column names.
 */
export function createRecordReader(pipeline: RecordRules, columns: Columns): RecordReader {
  const { schema, idField, identityFields } = pipeline;
  return (record) => {
    const { known, extra, priority, problems } = sortFields(record, columns, schema);
    const hasId = Object.hasOwn(known, idField);
    // The id is made of the values as the schema gives them: `Jun 12 1998` and 1998 are one year.
    const parsed = schema.safeParse(hasId ? known : { ...known, [idField]: 'none' });
    const refused = parsed.success ? [] : problemsOf(parsed.error, known);
    const said = new Set(problems.map(({ field }) => field));
    problems.push(...refused.filter(({ field }) => !said.has(field)));
    if (problems.length > 0 || !parsed.success) return { problems };
    const entity = parsed.data as Fields;
    if (!hasId) entity[idField] = recordId(identityFields.map((field) => entity[field]));
    return { accepted: { entity, extra, ...(priority === undefined ? {} : { priority }) } };
  };
}

/** Fields that a file must have a column for. The id is none of them: it can be made. */
export function requiredFields({ schema, idField }: RecordRules): readonly string[] {
  const { required = [] } = z.toJSONSchema(schema);
  return required.filter((field) => field !== idField);
}

/** Fields that a map may fill: the pipeline's own, and the priority of a row. */
export const mappableFields = ({ schema }: RecordRules): readonly string[] => [
  ...Object.keys(schema.shape),
  'priority',
];

interface SortedFields {
  readonly known: Fields;
  readonly extra: Fields;
  readonly priority: number | undefined;
  readonly problems: FieldProblem[];
}

function sortFields(
  record: Readonly<Record<string, unknown>>,
  columns: Columns,
  schema: z.ZodObject,
): SortedFields {
  const known: Fields = {};
  const extra: Fields = {};
  const problems: FieldProblem[] = [];
  let priority: number | undefined;
  for (const [column, raw] of Object.entries(record)) {
    const field = columns.fieldOf(column);
    const value = typeof raw === 'string' ? raw.trim() : raw;
    if (field === undefined || value === null || value === undefined || value === '') continue;
    const damage = damageOf(value);
    if (damage !== undefined) problems.push(problem(field, value, damage));
    else if (Object.hasOwn(schema.shape, field)) addOnce(known, field, value as Json);
    else if (field !== 'priority') addOnce(extra, field, value as Json);
    else if (isPriority(Number(value))) priority ??= Number(value);
    else problems.push(problem(field, value, `expected an integer 0–${HIGHEST_PRIORITY}`));
  }
  return { known, extra, priority, problems };
}

/** The first column with a value fills the field. Names such as `constructor` are inherited by every object. */
function addOnce(fields: Fields, field: string, value: Json): void {
  if (!Object.hasOwn(fields, field)) fields[field] = value;
}

const isPriority = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= HIGHEST_PRIORITY;

/** Text that was read with the wrong encoding would be looked up, and stored, as it is; Postgres takes no NUL at all. */
function damageOf(value: unknown): string | undefined {
  // Nested values travel one level down, under `extra`.
  if (isDeeper(value as Json, MAX_DEPTH - 1)) return `is nested deeper than ${MAX_DEPTH - 1} levels`;
  const text = typeof value === 'object' ? JSON.stringify(value) : value;
  if (typeof text !== 'string') return undefined;
  if (text.includes('\uFFFD')) return 'is not UTF-8: save the file as UTF-8';
  return text.includes('\0') || text.includes('\\u0000') ? 'holds a NUL character' : undefined;
}

const problem = (field: string, value: unknown, reason: string): FieldProblem => ({
  field,
  value: (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 100),
  reason,
});
