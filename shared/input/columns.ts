import { InputError } from './raw-row.ts';

/** `Track ID`, `trackId` and `track-id` are all `track_id`. */
function foldName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/** What the file for rejected rows adds; it is dropped again when that file comes back corrected. */
export const REJECT_PREFIX = 'rejected_';

/**
 * Which field each column of a file fills. Columns that the map names go where it says, all others under their folded
 * name, unless the map has filled that field already.
 */
export class Columns {
  readonly #fieldByColumn: ReadonlyMap<string, string>;
  readonly #mapped: ReadonlySet<string>;
  readonly #known = new Map<string, string | undefined>();

  constructor(map: ReadonlyMap<string, string> = new Map()) {
    this.#fieldByColumn = new Map([...map].map(([field, column]) => [column, field]));
    this.#mapped = new Set(map.keys());
  }

  /** Undefined = the column is left out. */
  fieldOf(column: string): string | undefined {
    if (this.#known.has(column)) return this.#known.get(column);
    const field = this.#resolve(column);
    // JSON records may each have names of their own: the memory stays small whatever they are.
    if (this.#known.size < 10_000) this.#known.set(column, field);
    return field;
  }

  #resolve(column: string): string | undefined {
    const mapped = this.#fieldByColumn.get(column) ?? this.#fieldByColumn.get(foldName(column));
    if (mapped !== undefined) return mapped;
    const folded = foldName(column);
    const isLeftOut = folded === '' || folded.startsWith(REJECT_PREFIX) || this.#mapped.has(folded);
    return isLeftOut ? undefined : folded;
  }

  /** Throws InputError when the map fills something else: a slip there would leave the field empty in every row. */
  checkMap(fields: readonly string[]): void {
    const unknown = [...this.#mapped].find((field) => !fields.includes(field));
    if (unknown === undefined) return;
    throw new InputError(`--map: there is no field '${unknown}', only ${fields.join(', ')}`);
  }

  /** Throws InputError when a header cannot give what is needed: before a million rows are rejected one by one. */
  checkHeader(columns: readonly string[], required: readonly string[]): void {
    const shown = columns.map((column) => `'${column}'`).join(', ');
    const folded = new Set(columns.flatMap((column) => [column, foldName(column)]));
    for (const column of this.#fieldByColumn.keys()) {
      if (!folded.has(column)) throw new InputError(`--map names '${column}', but the columns are ${shown}`);
    }
    const fields = columns.flatMap((column) => this.fieldOf(column) ?? []);
    const twice = fields.find((field, index) => fields.indexOf(field) !== index);
    if (twice !== undefined) {
      throw new InputError(`more than one column fills '${twice}': say which with --map ${twice}="…"`);
    }
    const missing = required.filter((field) => !fields.includes(field));
    if (missing.length === 0) return;
    const example = missing.map((field) => `${field}="…"`).join(',');
    throw new InputError(
      `no column for ${missing.join(', ')} among ${shown}: name it with --map ${example}, ` +
        'or add a first line with the names of the columns',
    );
  }
}

/**
 * Reads `title=Title,year="Release Date"`: fields of the record and the columns that fill them. A column with a comma or
 * a space stands in double quotes, where `""` is a quote. Throws InputError.
 */
export function parseColumnMap(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const pair = /\s*([^=,"\s]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^,"]*?))\s*(?:,|$)/y;
  while (pair.lastIndex < text.length) {
    const at = pair.lastIndex;
    const [, target = '', quoted, bare = ''] = pair.exec(text) ?? [];
    const field = foldName(target);
    const column = quoted?.replaceAll('""', '"') ?? bare;
    if (field === '' || column === '') {
      throw new InputError(
        `--map: cannot read '${text.slice(at)}', expected field=Column,other="Column with spaces"`,
      );
    }
    if (map.has(field)) throw new InputError(`--map: names '${field}' twice`);
    map.set(field, column);
  }
  return map;
}
