/**
 * What `JSON.stringify` escapes and Postgres refuses in text: NUL, and halves of a surrogate pair as left behind by a
 * cut in the middle of a character. An escaped backslash is matched first, so that `\\u0000` stays the text it is.
 */
const UNSTORABLE = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g;

/** JSON for a parameter. One unstorable character would refuse a whole batch: U+FFFD takes its place. */
export function textOfJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Nearly no text holds one, and a search for two characters is all that the others pay.
  if (!text.includes('\\u')) return text;
  return text.replace(UNSTORABLE, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));
}
