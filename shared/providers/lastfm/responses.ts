/**
 * The parts of the wire that we read. It is XML turned into JSON: numbers are text, a list of one is no list, an empty
 * one is an empty text or object. Each schema brings these to one form and accepts that form again.
 */
import { z } from 'zod';
import { wireNumber } from '../wire-number.ts';

const text = z.string().nullish();
const number = wireNumber.nullish();

/** An array, one item without an array, or nothing under several names; comes out as an array. */
const listOf = <T>(item: z.ZodType<T>) =>
  z.union([
    z.array(item),
    item.transform((one) => [one]),
    z
      .string()
      .regex(/^\s*$/)
      .transform((): T[] => []),
  ]);

/** `{tag: […]}`, or `""`, `[]`, `{}` when there is nothing. */
const wrapped = <Name extends string, T>(name: Name, item: z.ZodType<T>) =>
  z.union([
    z.object({ [name]: listOf(item) } as Record<Name, ReturnType<typeof listOf<T>>>),
    z
      .union([z.string().regex(/^\s*$/), z.array(z.never()), z.strictObject({})])
      .transform(() => ({ [name]: [] as T[] }) as Record<Name, T[]>),
  ]);

const tag = z.object({
  name: z.string(),
  /** 0 to 100, relative to the most frequent; only top tags tell it. */
  count: number,
});
export type WireTag = z.infer<typeof tag>;

const image = z.object({ '#text': z.string(), size: text });

const track = z.object({
  name: z.string(),
  artist: z.object({ name: z.string() }),
  url: text,
  mbid: text,
  /** Milliseconds; 0 = unknown. */
  duration: number,
  listeners: number,
  playcount: number,
  album: z
    .object({ title: text, image: z.array(image).nullish() })
    .or(z.literal(''))
    .nullish(),
  toptags: wrapped('tag', tag).nullish(),
  wiki: z.object({ summary: text }).or(z.literal('')).nullish(),
});
export type WireTrack = z.infer<typeof track>;

/** null is ours: the service knows no such track. */
export const infoResponse = z.object({ track: track.nullable() });
export type InfoResponse = z.infer<typeof infoResponse>;

const found = z.object({ name: z.string(), artist: z.string(), url: text, mbid: text, listeners: number });
export type WireFound = z.infer<typeof found>;

export const searchResponse = z.object({ results: z.object({ trackmatches: wrapped('track', found) }) });
export type SearchResponse = z.infer<typeof searchResponse>;

export const topTagsResponse = z.object({ toptags: wrapped('tag', tag) });
export type TopTagsResponse = z.infer<typeof topTagsResponse>;

export const errorResponse = z.object({ error: wireNumber, message: text });
