import type { Format } from '../input/format.ts';
import { Columns } from '../input/columns.ts';
import type { Input } from '../input/open-input.ts';
import { readRows, type Row } from '../input/read-rows.ts';
import { createRecordReader, mappableFields } from '../input/read-record.ts';
import type { Pipeline } from '../pipelines/pipeline.ts';
import type { SubmittedRows } from './submit-job.ts';

export interface ReadAs {
  readonly pipeline: Pipeline;
  /** Field → column. */
  readonly map?: ReadonlyMap<string, string>;
}

/** A file or an upload, of which the bytes are the fingerprint. */
export const rowsOfInput = (
  input: Input,
  { pipeline, map, format }: ReadAs & { readonly format?: Format },
): SubmittedRows => ({
  read: (fingerprint, onHeader) => {
    const hashed: Input = {
      ...input,
      bytes: async function* () {
        for await (const chunk of input.bytes()) {
          fingerprint.update(chunk);
          yield chunk;
        }
      },
    };
    return readRows(hashed, { pipeline, onHeader, ...(map && { map }), ...(format && { format }) });
  },
});

/** Records that are in memory already; lines are their places, from 1. */
export const rowsOfRecords = (
  records: readonly Readonly<Record<string, unknown>>[],
  { pipeline, map }: ReadAs,
): SubmittedRows => ({
  async *read(fingerprint): AsyncGenerator<Row> {
    const columns = new Columns(map);
    columns.checkMap(mappableFields(pipeline));
    const readRecord = createRecordReader(pipeline, columns);
    for (const [index, original] of records.entries()) {
      fingerprint.update(`${JSON.stringify(original)}\n`);
      yield { line: index + 1, original, ...readRecord(original) };
    }
  },
});
