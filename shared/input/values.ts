/**
 * What a file writes, as the type that a field wants: CSV knows only text, and JSON lists of titles hold the number 1941.
 */
import { z } from 'zod';

/** A value as the schema may take it, or why it cannot be what the field wants. */
export type FieldValue = { readonly value: unknown } | { readonly reason: string };

/** Turns the values of one pipeline's known fields; built once, since asking a schema for its types is slow. */
export class FieldReader {
  readonly #types: ReadonlyMap<string, string>;
  readonly required: readonly string[];

  constructor(schema: z.ZodObject) {
    const { properties = {}, required = [] } = z.toJSONSchema(schema, {
      io: 'input',
      unrepresentable: 'any',
    });
    const typed = Object.entries(properties).map(([field, property]) => [field, typeOf(property)] as const);
    this.#types = new Map(typed);
    this.required = required;
  }

  has(field: string): boolean {
    return this.#types.has(field);
  }

  /** Values of a type that is not known here are left to the schema. */
  read(field: string, raw: unknown): FieldValue {
    const type = this.#types.get(field);
    if (field === 'year') return yearOf(raw);
    if (type === 'string' && typeof raw === 'number') return { value: String(raw) };
    if (type !== 'number' || typeof raw !== 'string') return { value: raw };
    const number = Number(raw);
    return Number.isFinite(number) ? { value: number } : { reason: 'is not a number' };
  }
}

/** The one type besides null that a property takes; an empty text for anything more involved. */
function typeOf(property: unknown): string {
  if (typeof property !== 'object' || property === null) return '';
  const { type, anyOf } = property as { type?: string; anyOf?: readonly { type?: string }[] };
  const types = anyOf?.map((option) => option.type ?? '') ?? [type ?? ''];
  const plain = new Set(
    types.map((one) => (one === 'integer' ? 'number' : one)).filter((one) => one !== 'null'),
  );
  const [only = ''] = plain;
  return plain.size === 1 ? only : '';
}

const YEAR = '(?<year>\\d{4})';
/** Only forms in which the year cannot be mistaken: a year of two digits is refused, not guessed. */
const DATES = [
  `${YEAR}(?:\\.0)?`,
  `${YEAR}[-/.]\\d{1,2}(?:[-/.]\\d{1,2})?(?:[T ].*)?`,
  `\\d{1,2}[-/.]\\d{1,2}[-/.]${YEAR}(?: .*)?`,
  `\\p{L}{3,}\\.?,? (?:\\d{1,2}(?:st|nd|rd|th)?,? )?${YEAR}`,
  `\\d{1,2}(?:st|nd|rd|th|\\.)?[ -](?:of )?\\p{L}{3,}\\.?,?[ -]${YEAR}`,
].map((pattern) => new RegExp(`^${pattern}$`, 'u'));

/** The year of a date: `Jun 12 1998`, `1998-06-12`, `12/06/1998`. */
function yearOf(raw: unknown): FieldValue {
  if (typeof raw !== 'string') return { value: raw };
  for (const date of DATES) {
    const year = date.exec(raw.trim())?.groups?.['year'];
    if (year !== undefined) return { value: Number(year) };
  }
  return { reason: 'is neither a year nor a date with a year of four digits' };
}
