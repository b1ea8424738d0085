import { z } from 'zod';

/**
 * Fields of submitted records. Scrapers are sloppy about form (a number for a text, a date for a year, dashes in a
 * code, an empty cell for nothing), and that is put right here; a value that cannot be meant is refused with its text.
 * An optional field that is null or blank counts as absent.
 */

const MAX_TEXT = 1_000;
const SHOWN = 80;
/** ASCII words with a blank between them. Most texts are so, and the look costs an eighth of putting them right. */
const TIDY = /^[!-~]+(?: [!-~]+)*$/;
const LONGEST_MS = 86_400_000;
const LONGEST_MIN = 6_000;

export const requiredText = z.preprocess(toText, textWithin());
export const optionalText = z.preprocess(toText, textWithin().optional()).optional();

export const optionalYear = optional(toYear, z.int().min(1870).max(2100), 'a year 1870–2100');

export const optionalDurationMs = optional(
  toWhole,
  z.int().min(1).max(LONGEST_MS),
  `milliseconds, 1–${LONGEST_MS}`,
);

/** Takes "142 min" as well. */
export const optionalMinutes = optional(
  (value) => toWhole(typeof value === 'string' ? value.replace(/\s*min(?:ute)?s?\.?$/i, '') : value),
  z.int().min(1).max(LONGEST_MIN),
  `minutes, 1–${LONGEST_MIN}`,
);

/** Comes out in upper case without dashes. */
export const optionalIsrc = optional(
  (value) => mapText(value, (text) => text.replace(/[-\s]/g, '').toUpperCase()),
  z.string().regex(/^[A-Z]{2}[A-Z0-9]{3}\d{7}$/),
  'an ISRC such as USUM71703861',
);

/** Takes a bare number and an address too; comes out as `tt0111161`. */
export const optionalImdbId = optional(
  (value) =>
    mapText(value, (text) => {
      const digits = /^(?:.*\/)?(?:tt)?(\d{1,8})\/?(?:\?.*)?$/i.exec(text)?.[1];
      return digits === undefined ? text : `tt${digits.padStart(7, '0')}`;
    }),
  z.string().regex(/^tt\d{7,8}$/),
  'an IMDb id such as tt0111161',
);

function textWithin(): z.ZodString {
  const error = (issue: { input?: unknown }): string =>
    issue.input === undefined
      ? 'is required'
      : `expected text of at most ${MAX_TEXT} characters, got ${shown(issue.input)}`;
  return z.string({ error }).min(1, { error }).max(MAX_TEXT, { error });
}

/** A field that may be absent; `read` brings the raw value into the form that `type` checks. */
function optional<T>(
  read: (value: unknown) => unknown,
  type: z.ZodType<T>,
  expected: string,
): z.ZodOptional<z.ZodType<T | undefined>> {
  return z
    .preprocess((value, context) => {
      const given = typeof value === 'string' ? toText(value) : (value ?? undefined);
      if (given === undefined) return undefined;
      const parsed = type.safeParse(read(given));
      if (parsed.success) return parsed.data;
      context.addIssue({ code: 'custom', message: `expected ${expected}, got ${shown(value)}` });
      return z.NEVER;
    }, type.optional())
    .optional();
}

/**
 * Trimmed text; numbers and booleans as they would be written; undefined for blank. NUL and lone surrogates, which
 * Postgres refuses, are dropped.
 */
function toText(value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || TIDY.test(value)) return value;
  const text = value
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .replace(/\p{Cs}/gu, '')
    .normalize('NFC')
    .trim();
  return text === '' ? undefined : text;
}

const mapText = (value: unknown, map: (text: string) => string): unknown => {
  const text = toText(value);
  return typeof text === 'string' ? map(text) : text;
};

/** A number or its text, rounded: scrapers compute durations. */
function toWhole(value: unknown): unknown {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' ? Math.round(number) : number;
}

/** A year, or a date that names exactly one: "1998", "1998-06-12", "Jun 12 1998". */
function toYear(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const years = value.match(/(?<!\d)\d{4}(?!\d)/g) ?? [];
  return years.length === 1 && value.length <= 40 ? Number(years[0]) : value;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}
