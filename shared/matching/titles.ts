import { textDistance, wordDistance } from './distances.ts';
import { fold, normalise } from './normalise.ts';
import { numberTokens, sameNumbers, titleKey } from './numbers.ts';
import type { ParsedTitle } from './versions.ts';

/** A name in brackets or after a dash that only one side has: "Dance" and "Dance (While the Music Still Goes On)". */
const ONE_SIDED_PART = 0.1;

/** How far apart the names of two songs are, version marks aside. */
export function titleDistance(a: ParsedTitle, b: ParsedTitle): number {
  if (titleKey(a.full) === titleKey(b.full)) return 0;
  const whole = nameDistance(a.full, b.full);
  return isOneSided(a, b) ? Math.min(whole, ONE_SIDED_PART + nameDistance(a.bare, b.bare)) : whole;
}

/** False for movements, parts and sequels that differ in nothing but a number. */
export function agreeInNumbers(a: ParsedTitle, b: ParsedTitle): boolean {
  if (titleKey(a.full) === titleKey(b.full) || sameNumbers(numberTokens(a.full), numberTokens(b.full)))
    return true;
  return isOneSided(a, b) && sameNumbers(numberTokens(a.bare), numberTokens(b.bare));
}

/** A title as lists print it, "Deadmau5 - Strobe", without the artist. */
export function withoutArtist(title: string, artist: string): string {
  const [, name, rest] = /^(.+?)\s+-+\s+(\S.*)$/.exec(fold(title)) ?? [];
  return name !== undefined && rest !== undefined && normalise(name) === normalise(artist) ? rest : title;
}

/** Two parts that differ are two things; one part may have been left out. */
const isOneSided = (a: ParsedTitle, b: ParsedTitle): boolean => (a.bare === a.full) !== (b.bare === b.full);

function nameDistance(a: string, b: string): number {
  const letters = textDistance(a, b);
  const severalWords = normalise(a).includes(' ') && normalise(b).includes(' ');
  return severalWords ? Math.max(letters, wordDistance(a, b)) : letters;
}
