import { words } from '../catalogue/text-index.ts';

const FIELDS = ['artist', 'track', 'album', 'isrc', 'year', 'genre'] as const;
type Field = (typeof FIELDS)[number];

export interface SpotifyQuery {
  readonly text: readonly string[];
  /** Words that must all be in the field. */
  readonly filters: Readonly<Partial<Record<Field, readonly string[]>>>;
  readonly isrc?: string;
  readonly years?: readonly [from: number, to: number];
  /** A filter that the real parser trips over: nothing is found. */
  readonly broken: boolean;
}

const FILTER = new RegExp(`\\b(${FIELDS.join('|')}):(?:"([^"]*)"|(\\S+))`, 'g');

/** Apostrophes and plus signs inside a filter find nothing at the real service, and neither does a name such as "-M-". */
const TRAPS = /['’+]|^-.*-$/;

/** Reads `q` as the service does: field filters with or without quotes, everything else is free text. */
export function parseQuery(q: string): SpotifyQuery {
  const values: Partial<Record<Field, string>> = {};
  let broken = false;
  const text = q.replace(FILTER, (_whole, field: Field, quoted?: string, bare?: string) => {
    const value = quoted ?? bare ?? '';
    broken ||= TRAPS.test(value);
    values[field] = value;
    return ' ';
  });
  const filters: Partial<Record<Field, readonly string[]>> = {};
  for (const field of ['artist', 'track', 'album', 'genre'] as const) {
    const value = values[field];
    if (value !== undefined) filters[field] = words(value);
  }
  const years = /^(\d{4})(?:-(\d{4}))?$/.exec(values.year ?? '');
  return {
    text: words(text),
    filters,
    ...(values.isrc === undefined ? {} : { isrc: values.isrc }),
    ...(years === null ? {} : { years: [Number(years[1]), Number(years[2] ?? years[1])] as const }),
    broken,
  };
}
