import { fold, normalise } from './normalise.ts';

/**
 * Numbers tell parts, movements and sequels apart that differ by one letter ("Rocky II" and "Rocky III"), so they
 * are compared on their own and must be equal.
 */

const WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(' ');
const PART = /^(?:part|pt|vol|volume|no|nr|number|chapter|episode|ep|act|book|movement|op)$/;
const ROMAN = /^(x{0,2})(ix|iv|v?i{0,3})$/;

/** Value of a roman numeral from 1 to 29. */
function romanValue(word: string): number | undefined {
  const [, tens = '', units = ''] = ROMAN.exec(word) ?? [];
  if (tens + units === '') return undefined;
  const ones =
    units === 'ix'
      ? 9
      : units === 'iv'
        ? 4
        : units.split('').reduce((sum, l) => sum + (l === 'v' ? 5 : 1), 0);
  return tens.length * 10 + ones;
}

/**
 * The numbers of a title, sorted: digits wherever they stand, roman numerals from two letters on, and "i", "v", "x"
 * only where they cannot be a word (at the end of a phrase, or after "part"), number words only after "part".
 */
export function numberTokens(title: string): readonly number[] {
  const phrases = fold(title)
    .toLowerCase()
    .split(/[.:;()[\]/]| - /);
  return phrases.flatMap((phrase) => phraseNumbers(normalise(phrase).split(' '))).sort((a, b) => a - b);
}

function phraseNumbers(words: readonly string[]): number[] {
  return words.flatMap((word, index) => {
    const digits = word.match(/\d+/g);
    if (digits) return digits.map(Number);
    const afterPart = PART.test(words[index - 1] ?? '');
    const last = index === words.length - 1;
    const roman = romanValue(word);
    if (roman !== undefined && (word.length > 1 || afterPart || last)) return [roman];
    const spelled = afterPart ? WORDS.indexOf(word) : -1;
    return spelled < 0 ? [] : [spelled];
  });
}

export const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

/**
 * A title with one spelling of its numbers, without spaces: "Part Two", "Pt. II" and "part 2" are equal, so are
 * "12 Monkeys" and "Twelve Monkeys". For equality only: a numeral in first place is taken for a word ("X-Men").
 */
export function titleKey(title: string): string {
  const words = normalise(title).split(' ');
  return words
    .map((word, index) => {
      if (word === 'pt') return 'part';
      if (word === 'vol') return 'volume';
      const spelled = WORDS.indexOf(word);
      if (spelled >= 0) return String(spelled);
      if (/^(?:vs|versus)$/.test(word)) return 'versus';
      if (index === 0) return word;
      const versus = word === 'v' && index < words.length - 1 && !isPart(words[index - 1]);
      return versus ? 'versus' : String(romanValue(word) ?? word);
    })
    .join('');
}

const isPart = (word: string | undefined): boolean => PART.test(word ?? '');
