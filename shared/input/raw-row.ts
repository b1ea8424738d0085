/** One record of a file, before anything is known of what its columns mean. */
export type RawRow = ReadRow | BrokenRow;

export interface ReadRow {
  /** Where it begins, counted from 1. */
  readonly line: number;
  /** Values by the names that the file gives them. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** Text that is no record. The rows around it are not touched by it. */
export interface BrokenRow {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

/**
 * Cuts text into rows as it comes in pieces of any size: the rows do not depend on where the pieces end. Holds at most
 * one record and one piece. Throws InputError only when nothing of the file can be used.
 */
export interface RowParser {
  push(text: string): RawRow[];
  /** What the end of the text completes. */
  end(): RawRow[];
}

/** Thrown when a file cannot be read at all or its columns do not fit; the message says what to do about it. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Characters of one record: a message may have as many bytes, so nothing longer can be published. */
export const MAX_RECORD_LENGTH = 256 * 1024;

/** Enough of a broken or overlong record to find it again. */
export const excerpt = (text: string): string => (text.length > 1_000 ? `${text.slice(0, 1_000)}…` : text);

export function countNewlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
