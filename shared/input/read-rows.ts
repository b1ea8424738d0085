/**
 * A file as a stream of rows, each accepted or rejected with every reason at once. Reads no faster than its rows are
 * taken; memory does not depend on the size of the file.
 */
import type { FieldProblem } from '../task/message-error.ts';
import { Columns } from './columns.ts';
import { createParser, sniffFormat } from './format.ts';
import type { Format } from './format.ts';
import type { Input } from './open-input.ts';
import type { RawRow } from './raw-row.ts';
import { createRecordReader, mappableFields, requiredFields } from './read-record.ts';
import type { InputRecord, RecordReader, RecordRules } from './read-record.ts';

export type Row = AcceptedRow | RejectedRow;

export interface AcceptedRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly accepted: InputRecord;
  readonly original: Readonly<Record<string, unknown>>;
}

export interface RejectedRow {
  readonly line: number;
  /** At least one. The field is empty when the row as a whole is broken. */
  readonly problems: readonly FieldProblem[];
  /** As in the file; absent when the row could not be read as a record. */
  readonly original?: Readonly<Record<string, unknown>>;
  /** How such a row begins in the file. */
  readonly text?: string;
}

export interface ReadRowsOptions {
  readonly pipeline: RecordRules;
  /** Field → column. */
  readonly map?: ReadonlyMap<string, string>;
  /** Absent = told by the content. */
  readonly format?: Format;
  /** Called with the columns of a CSV file before its first row. */
  readonly onHeader?: (columns: readonly string[]) => void;
  /** Called with the bytes read so far. */
  readonly onBytes?: (count: number) => void;
}

/** Throws InputError when the file cannot be used at all, before the first row. */
export async function* readRows(
  input: Input,
  options: ReadRowsOptions,
): AsyncGenerator<Row, void, undefined> {
  const columns = new Columns(options.map);
  columns.checkMap(mappableFields(options.pipeline));
  const readRecord = createRecordReader(options.pipeline, columns);
  const parser = createParser(options.format ?? sniffFormat(input.head), (header) => {
    columns.checkHeader(header, requiredFields(options.pipeline));
    options.onHeader?.(header);
  });
  // Drops a byte order mark, and gives U+FFFD for what is not UTF-8: such a value is rejected with its row.
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  for await (const chunk of input.bytes()) {
    bytes += chunk.length;
    options.onBytes?.(bytes);
    for (const row of parser.push(decoder.decode(chunk, { stream: true }))) yield judge(row, readRecord);
  }
  for (const row of [...parser.push(decoder.decode()), ...parser.end()]) yield judge(row, readRecord);
}

function judge(row: RawRow, readRecord: RecordReader): Row {
  const { line } = row;
  if ('reason' in row) {
    return {
      line,
      text: row.text,
      problems: [{ field: '', value: row.text.slice(0, 100), reason: row.reason }],
    };
  }
  return { line, original: row.record, ...readRecord(row.record) };
}
