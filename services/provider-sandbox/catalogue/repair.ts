/**
 * What the movies of vega-datasets should have said. Its authors left errors in on purpose; here they are mended, so that
 * the sandbox knows the truth. Nothing but the sandbox may do this: the pipeline gets the rows as they are.
 */

/** Byte → character of the two encodings that were confused with one another. */
const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const MAC_ROMAN = new TextDecoder('macintosh').decode(BYTES);
/** Written out from 0x80 to 0x9f, which some versions of Node decode as Latin-1. */
const WINDOWS_1252 =
  MAC_ROMAN.slice(0, 0x80) +
  '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ' +
  new TextDecoder('latin1').decode(BYTES.subarray(0xa0));

/** "LÈon" is "Léon" that was written in Windows-1252 and read as MacRoman. Characters outside MacRoman are kept. */
function demojibake(text: string): string {
  return text.replace(/[^\u0020-\u007e]/g, (character) => {
    const byte = MAC_ROMAN.indexOf(character);
    return byte < 0 ? character : WINDOWS_1252.charAt(byte);
  });
}

/** Remarks of the list, not parts of the title: "King Kong (1933)", "Fantasia 2000 (IMAX)". */
const REMARK = / \((?:\d{4}|IMAX|[A-Z][a-z]+ Release)\)$/;
const TRAILING_ARTICLE = /^(.*), (The|A|An)$/;

/** Titles that are numbers are numbers in the file. */
export function repairTitle(raw: string | number): string {
  const title = demojibake(String(raw)).replace(REMARK, '');
  return title.replace(TRAILING_ARTICLE, '$2 $1');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** The set ends in 2011: later years are two-digit years of the century before. */
const LAST_YEAR = 2011;

/** "Dec 30 2025" → "1925-12-30". */
export function repairDate(raw: string): string {
  const match = /^(\w{3}) (\d{2}) (\d{4})$/.exec(raw);
  const month = MONTHS.indexOf(match?.[1] ?? '') + 1;
  if (match === null || month === 0) throw new Error(`unknown form of date '${raw}'`);
  const year = Number(match[3]);
  return `${year > LAST_YEAR ? year - 100 : year}-${String(month).padStart(2, '0')}-${String(match[2])}`;
}
