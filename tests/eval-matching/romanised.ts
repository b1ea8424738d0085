/** Cyrillic and Greek as travellers write them; what is in another script stays as it is. */
const CYRILLIC =
  'а:a б:b в:v г:g д:d е:e ё:yo ж:zh з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya і:i ї:yi є:ye';
const GREEK =
  'α:a β:v γ:g δ:d ε:e ζ:z η:i θ:th ι:i κ:k λ:l μ:m ν:n ξ:x ο:o π:p ρ:r σ:s ς:s τ:t υ:y φ:f χ:ch ψ:ps ω:o';
const LETTERS = new Map(
  `${CYRILLIC} ${GREEK}`.split(' ').map((pair): [string, string] => {
    const [letter = '', latin = ''] = pair.split(':');
    return [letter, latin];
  }),
);

/** Text without such letters comes back as it is. */
export function romanised(text: string): string {
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(text)) return text;
  return text
    .toLowerCase()
    .replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => LETTERS.get(letter) ?? letter)
    .replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase());
}
