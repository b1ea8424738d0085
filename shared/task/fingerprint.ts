/**
 * Which dead letters died of the same thing. Two errors are the same when they differ only in what belongs to one
 * record: ids, numbers, addresses, quoted values. What kind of error it was, whose, and its HTTP status are kept apart.
 */
import { createHash } from 'node:crypto';

export interface Cause {
  /** A fixed word: `not_json`, `invalid`, `providers_failed`, `refused_row`, `poison`, … */
  readonly reason: string;
  /** Kind of the error with its HTTP status, where there is one: `unavailable 503`. */
  readonly errorClass: string;
  /** For people. */
  readonly error: string;
  readonly provider?: string;
}

/** 48 bits: short enough to be typed, and no collision among the few hundred causes that a queue ever holds. */
const LENGTH = 12;

/** Equal for dead letters with the same cause; 12 hex digits. Changes with the normalisation, so it is stored, not recomputed. */
export function fingerprintOf({ reason, errorClass, error, provider }: Cause): string {
  const said = [reason, errorClass, provider ?? '', normaliseError(error)].join('\n');
  return createHash('sha256').update(said).digest('hex').slice(0, LENGTH);
}

/** An error long enough to hold a whole document says nothing more after this. */
const READ_LENGTH = 1_000;

/** The error without what belongs to a single record. Normalising twice changes nothing. */
export function normaliseError(error: string): string {
  return (
    error
      .slice(0, READ_LENGTH)
      .toLowerCase()
      .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'"`,;)]+/g, 'url')
      // A quoted value may hold quotes itself, and the last one may have lost its end to the cut.
      .replace(/".*(?:"|$)/gs, '…')
      .replace(/(?<![\p{L}\p{N}])'(?:.*?'(?![\p{L}\p{N}'])|.*$)/gsu, '…')
      // Numbers, and every word that has a digit in it: uuids, hashes, tt0111161, 12.5s.
      .replace(/[\p{L}\p{N}_.-]*\p{N}[\p{L}\p{N}_.-]*/gu, '#')
      .replace(/\s+/g, ' ')
      .trim()
  );
}
