import { lettersDistance } from './distances.ts';
import { compact, fold, normalise } from './normalise.ts';
import { numberTokens, sameNumbers, titleKey } from './numbers.ts';

/**
 * How two movie titles agree. `exact`: equal but for typography, articles and the spelling of numbers. `base`: equal
 * once a subtitle or a bracket is left out. `near`: one letter in ten differs, or a single one of five and more. Numbers must agree in all of them.
 */
export type TitleAgreement = 'exact' | 'base' | 'near' | 'none';

const NEAR = 0.1;
const SINGLE_EDIT_FROM = 5;

/** What a list writes into a title: "King Kong (1933)", "Fantasia 2000 (IMAX)". */
export function cleanMovieTitle(title: string): { readonly title: string; readonly year?: number } {
  const folded = fold(title);
  const [, name, year] = /^(.*\S)\s*\((1[89]\d\d|20\d\d)\)$/.exec(folded) ?? [];
  const cleaned = (name ?? folded).replace(
    /\s*[([](?:imax|3d|imax 3d|re-?issue|re-?release|extended(?: edition| cut)?|director's cut|unrated|special edition|uncut|restored)[)\]]$/i,
    '',
  );
  return { title: cleaned || folded, ...(year !== undefined && { year: Number(year) }) };
}

/** The best agreement of the asked title with any of the given ones. */
export function agreementOf(asked: string, given: readonly string[]): TitleAgreement {
  const all = given.map((title) => compareTitles(asked, title));
  return (['exact', 'base', 'near'] as const).find((one) => all.includes(one)) ?? 'none';
}

function compareTitles(a: string, b: string): TitleAgreement {
  if (titleKey(a) === titleKey(b)) return 'exact';
  if (isBaseOf(a, b) || isBaseOf(b, a)) return 'base';
  if (!sameNumbers(numberTokens(a), numberTokens(b))) return 'none';
  const [left, right] = [compact(normalise(a)), compact(normalise(b))];
  const longer = Math.max(left.length, right.length);
  const apart = lettersDistance(left, right);
  return apart <= NEAR || (longer >= SINGLE_EDIT_FROM && apart * longer < 1.5) ? 'near' : 'none';
}

/** What is said of a film about another film: it comes out in the same year and carries its whole title. */
const ABOUT =
  /\b(?:(?:the )?(?:true|real|untold|inside|unauthori[sz]ed) (?:true )?story|(?:the )?making of|behind the (?:scenes|camera|music)|a retrospective|the documentary|(?:cast )?reunion)\b/i;

/**
 * "Borat" is the base of "Borat: Cultural Learnings …": the longer title goes on after a colon, dash or bracket, and not
 * with what makes it a film about the other one.
 */
function isBaseOf(short: string, long: string): boolean {
  const key = titleKey(short);
  const folded = fold(long);
  return [...folded.matchAll(/\s*(?:[:;(]|\s-+\s|,\s)/g)].some(
    ({ index }) => titleKey(folded.slice(0, index)) === key && !ABOUT.test(folded.slice(index)),
  );
}
