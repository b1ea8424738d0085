import { createHash } from 'node:crypto';

/** Numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** The mulberry32 generator: the same seed gives the same sequence on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** 40 hex digits that depend on the text alone: what ids are cut from, so that they never change between runs. */
export const digest = (text: string): string => createHash('sha1').update(text).digest('hex');

/** A number from 0 (included) to 1 (excluded) that depends on the text alone. FNV-1a: drawn 200,000 times at the start. */
export function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/** An integer from `from` to `to`, both included, that depends on the text alone. */
export const between = (text: string, from: number, to: number): number =>
  from + Math.floor(fraction(text) * (to - from + 1));

/** One of a list that must not be empty. */
export function pick<T>(text: string, list: readonly T[]): T {
  const chosen = list[Math.floor(fraction(text) * list.length)];
  if (chosen === undefined) throw new RangeError('nothing to pick from');
  return chosen;
}

const BASE62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** 22 characters, as Spotify's ids. */
export function base62Id(text: string): string {
  let rest = BigInt(`0x${digest(text)}`);
  let id = '';
  while (id.length < 22) {
    id += BASE62.charAt(Number(rest % 62n));
    rest /= 62n;
  }
  return id;
}

/** A version 4 UUID, as MusicBrainz's ids. */
export function uuid(text: string): string {
  const hex = digest(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
