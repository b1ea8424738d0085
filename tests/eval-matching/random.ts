/** A seeded source of numbers from 0 (included) to 1: the same seed gives the same run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(from: readonly T[], random: () => number): T {
  const item = from[Math.floor(random() * from.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** Swaps two neighbouring, different letters of a word of at least four; short texts stay as they are. */
export function mistyped(text: string, random: () => number): string {
  const places = [...text.matchAll(/(?<=\p{L})(\p{L})(\p{L})(?=\p{L})/gu)].filter(
    ([, a = '', b = '']) => a.toLowerCase() !== b.toLowerCase(),
  );
  if (places.length === 0) return text;
  const { index, 0: pair } = pick(places, random);
  return text.slice(0, index) + pair.slice(1) + pair.slice(0, 1) + text.slice(index + 2);
}

export const withoutAccents = (text: string): string =>
  text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[‐–—]/g, '-')
    .replaceAll('…', '...')
    .normalize('NFD')
    .replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')
    .normalize('NFC');
