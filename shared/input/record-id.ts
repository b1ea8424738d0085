import { createHash } from 'node:crypto';

/**
 * The id of a record that has none: 16 hex digits of a hash over its identity, so that the same record has the same id
 * in every file and on every day. Upper and lower case, spacing and the width of characters do not count; accents and
 * punctuation do, since `Résumé` and `Resume` may be two songs.
 *
 * Ids that are stored were made by this: a change of it would give every entity a second row. Among a million records
 * the chance that two share an id is one in 37 million.
 */
export function recordId(identity: readonly unknown[]): string {
  return createHash('sha1')
    .update(JSON.stringify(identity.map(normalised)))
    .digest('hex')
    .slice(0, 16);
}

function normalised(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return String(value).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
