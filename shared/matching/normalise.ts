/**
 * Text made comparable. Nothing here drops letters of any script: a Japanese or Cyrillic title stays what it is,
 * and a name of symbols alone ("!!!", "÷") falls back to itself instead of becoming empty.
 */

/** Letters that Unicode does not take apart into a base letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ı: 'i',
  ŋ: 'n',
};

/** No name is longer; more is a hostile answer, and is not worth its time. */
const LONGEST = 1_000;
/** Nothing to fold in it, which is true of most texts. */
const PLAIN = /^[ -_a-~]*$/;

/**
 * One spelling for typography: quotes, dashes, ellipses, ligatures, full-width forms, fractions ("8½" → "8 1/2") and
 * superscripts ("Alien³" → "Alien 3"). Cuts after a thousand letters. Keeps case, accents and punctuation; fit for a search query.
 */
export function fold(text: string): string {
  const name = text.slice(0, LONGEST);
  if (PLAIN.test(name)) return name.replace(/ +/g, ' ').trim();
  return (
    name
      // Before NFKC, which would glue "8½" to "81⁄2" and turn "´" into a space with a mark.
      .replace(/[¼-¾⅐-⅞]/g, (fraction) => ` ${fraction.normalize('NFKC').replace('\u2044', '/')}`)
      .replace(/[¹²³⁰⁴-⁹]/g, (digit) => ` ${digit.normalize('NFKC')}`)
      .replace(/[‘’‚‛′`´ʼ]/g, "'")
      .replace(/[“”„‟″«»]/g, '"')
      .replace(/[\p{Cf}™®©]/gu, '')
      .normalize('NFKC')
      .replace(/[‐-―−]/g, '-')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/**
 * Lower case, without accents, punctuation and the leading (or trailing: "Wall, The") article; `&`, `+` and `'n'` are
 * "and". Words are separated by single spaces. Never empty unless the text is blank.
 */
export function normalise(text: string): string {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const normalised = normaliseAnew(text);
  if (recent.size >= MAX_RECENT) recent.clear();
  if (text.length <= MAX_RECENT_LENGTH) recent.set(text, normalised);
  return normalised;
}

/**
 * A judgement normalises the same dozen texts some twenty times, and that was three quarters of its time. Bounded to
 * about a megabyte.
 */
const recent = new Map<string, string>();
const MAX_RECENT = 2_000;
const MAX_RECENT_LENGTH = 200;

function normaliseAnew(text: string): string {
  const folded = fold(text).toLowerCase();
  const words = withoutMarks(articleFirst(folded))
    .replace(/[ßæœøđðþłıŋ]/g, (letter) => LETTERS[letter] ?? letter)
    .replace(/^(?:the|an?) (?=.)/, '')
    // R.E.M., D.A.N.C.E.
    .replace(/(?<!\p{L})\p{L}(?:\.\p{L})+(?!\p{L})/gu, (letters) => letters.replaceAll('.', ''))
    // Names that are written with look-alikes: Ke$ha, A$AP, P!nk, Ri¢hie.
    .replace(/(?<=\p{L})\$|\$(?=\p{L})/gu, 's')
    .replace(/(?<=\p{L})!(?=\p{L})/gu, 'i')
    .replace(/(?<=\p{L})¢(?=\p{L})/gu, 'c')
    .replace(/[&+]/g, ' and ')
    .replaceAll("'", '')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .replace(/(?<=\S) n (?=\S)/g, ' and ')
    .trim();
  return words === '' ? folded : words;
}

/** Without spaces: "Jay-Z", "JAY Z" and "JayZ" are one name. */
export const compact = (normalised: string): string => normalised.replaceAll(' ', '');

function articleFirst(text: string): string {
  const [, rest, article] =
    /^(.*\S), (the|an?|le|la|les|l'|der|die|das|el|los|las|il)(?= *$)/.exec(text) ?? [];
  return rest === undefined || article === undefined ? text : `${article} ${rest}`;
}

/**
 * Accents carry no identity in these scripts, and scrapers lose them; elsewhere a mark is a letter's other half
 * (か/が, Thai vowels) and stays.
 */
function withoutMarks(text: string): string {
  return text
    .normalize('NFD')
    .replace(
      /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}])\p{M}+/gu,
      '',
    )
    .normalize('NFC');
}
