import { CsvRows } from './csv-rows.ts';
import { JsonRows } from './json-rows.ts';
import { NdjsonRows } from './ndjson-rows.ts';
import { InputError } from './raw-row.ts';
import type { RowParser } from './raw-row.ts';

export const FORMATS = ['csv', 'json', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

/** Bytes of the beginning that tell the format. */
export const HEAD_BYTES = 64 * 1024;

/**
 * The format of a file by how it begins; its name says less (`.json` often holds one object a line). Throws InputError
 * for what is no UTF-8 text at all.
 */
export function sniffFormat(head: Buffer): Format {
  const [first, second] = head;
  if (first === 0x1f && second === 0x8b) {
    throw new InputError('the file is compressed: gunzip -c <file> | enrich publish -');
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new InputError(
      'the file is UTF-16: save it as UTF-8, or iconv -f UTF-16 -t UTF-8 <file> | enrich publish -',
    );
  }
  if (head.includes(0)) throw new InputError('the file is not text: CSV, JSON or NDJSON in UTF-8 is read');
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('[')) return 'json';
  if (!text.startsWith('{')) return 'csv';
  return isRecord(text.slice(0, text.indexOf('\n') + 1)) ? 'ndjson' : 'json';
}

/** A whole object on the first line begins NDJSON, unless it is the wrapper of a list. */
function isRecord(line: string): boolean {
  try {
    const value = JSON.parse(line) as { records?: unknown };
    return !Array.isArray(value.records);
  } catch {
    return false;
  }
}

/** `onHeader` is called with the columns of a CSV file before its first row, and may throw to refuse them. */
export function createParser(format: Format, onHeader: (columns: readonly string[]) => void): RowParser {
  if (format === 'csv') return new CsvRows(onHeader);
  return format === 'json' ? new JsonRows() : new NdjsonRows();
}
