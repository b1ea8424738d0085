import anyAscii from 'any-ascii';
import { fold } from './normalise.ts';

/** Names that letters cannot compare: one holds Latin letters, the other none but of another script. */
export function areInOtherScripts(a: string, b: string): boolean {
  const isLatin = (text: string): boolean => /\p{Script=Latin}/u.test(text);
  const hasLetters = (text: string): boolean => /\p{L}/u.test(text);
  return isLatin(a) !== isLatin(b) && hasLetters(a) && hasLetters(b);
}

/**
 * In Latin letters: good for Cyrillic, Greek, kana and hangul; Chinese characters come out in their Mandarin reading,
 * which for a Japanese name resembles nothing, so nothing is matched by mistake.
 */
export const inLatin = (text: string): string => anyAscii(fold(text));
