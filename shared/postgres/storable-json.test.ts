import { textOfJson } from './storable-json.ts';

describe('JSON for a parameter', () => {
  test('replaces NUL and halves of a surrogate pair', () => {
    expect(JSON.parse(textOfJson(['a\u0000b', 'cut \ud83d', '\udc00 cut']))).toEqual([
      'a\ufffdb',
      'cut \ufffd',
      '\ufffd cut',
    ]);
  });

  test('leaves whole characters, other control characters and text that looks like an escape', () => {
    const value = { 'k\\u0000': ['😀', '\u0001\t\n', '\\u0000', 'C:\\ud83d', '\\\\u0000'] };
    expect(JSON.parse(textOfJson(value))).toEqual(value);
  });
});
