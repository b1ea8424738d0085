import { distance as levenshtein } from 'fastest-levenshtein';
import { compact, normalise } from './normalise.ts';
import { areInOtherScripts, inLatin } from './scripts.ts';

/** Above this length a swap of two letters weighs nothing, and the table below would cost more than it tells. */
const SHORT = 48;
const MOSTLY_OTHER = 0.7;

/** Romanising loses distinctions, so a name in its own script is always nearer. */
const OTHER_SCRIPT = 0.05;

/**
 * Share of letters that must change to make one text of the other, after normalising: 0 equal, 1 nothing in common.
 * Texts in different scripts are both romanised first.
 */
export function textDistance(a: string, b: string): number {
  if (areInOtherScripts(a, b)) return Math.min(1, OTHER_SCRIPT + textDistance(inLatin(a), inLatin(b)));
  return lettersDistance(compact(normalise(a)), compact(normalise(b)));
}

/** The same for texts that are normalised already and hold no spaces. */
export function lettersDistance(a: string, b: string): number {
  if (a === b) return 0;
  const longer = Math.max(a.length, b.length);
  const edits = levenshtein(a, b);
  // One edit is no swap, and texts that differ in most letters are no misspelling: the slow way is for the rest.
  const mayBeSwapped = edits > 1 && edits <= MOSTLY_OTHER * longer && longer <= SHORT;
  return Math.min(1, (mayBeSwapped ? editsWithSwaps(a, b) : edits) / longer);
}

/**
 * Words without a partner in the other text, as a share of the longer one. A word may be misspelt by one letter in
 * three. Letters alone rate "Love Me" and "Love Me Do" near; words tell that something was left out.
 */
export function wordDistance(a: string, b: string): number {
  if (areInOtherScripts(a, b)) return wordDistance(inLatin(a), inLatin(b));
  const left = normalise(a).split(' ').slice(0, SHORT);
  const right = normalise(b).split(' ').slice(0, SHORT);
  const longer = Math.max(left.length, right.length);
  let paired = 0;
  for (const word of left) {
    const at = right.findIndex((other) => lettersDistance(word, other) <= 0.34);
    if (at < 0) continue;
    right.splice(at, 1);
    paired += 1;
  }
  return 1 - paired / longer;
}

const SAME_LENGTH_MS = 10_000;
export const OTHER_LENGTH_MS = 30_000;

/**
 * Up to ten seconds apart is the same recording on another release, thirty seconds is another one. The small slope
 * before ten seconds only ranks candidates that are otherwise equal.
 */
export function lengthDistance(aMs: number, bMs: number): number {
  const apart = Math.abs(aMs - bMs);
  if (apart <= SAME_LENGTH_MS) return (0.1 * apart) / SAME_LENGTH_MS;
  return Math.min(1, 0.1 + (0.9 * (apart - SAME_LENGTH_MS)) / (OTHER_LENGTH_MS - SAME_LENGTH_MS));
}

/** Unknown lengths contradict nothing. */
export const isSameLength = (aMs: number | undefined, bMs: number | undefined): boolean =>
  aMs === undefined || bMs === undefined || Math.abs(aMs - bMs) <= SAME_LENGTH_MS;

/** Insertions, deletions, replacements and swaps of neighbours: people mistype by swapping. */
function editsWithSwaps(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
