import { isOneTypoAway, TextIndex, words } from './text-index.ts';

const indexOf = (...texts: string[]): TextIndex => {
  const index = new TextIndex();
  texts.forEach((text, document) => {
    index.add(document, text);
  });
  return index;
};

test('words lose case, diacritics and punctuation, and keep every script', () => {
  expect(words('Guns N’ Roses: Déjà-Vu')).toEqual(['guns', 'n', 'roses', 'deja', 'vu']);
  expect(words('Şımarık Ágætis 夜に駆ける')).toEqual([
    'simarik',
    'agaetis',
    '夜に駆ける'.normalize('NFKD').replace(/\p{M}/gu, ''),
  ]);
});

test('all words must be there, a part of them, or a beginning of the last', () => {
  const index = indexOf('the dark knight', 'the dark crystal', 'a bright day');
  const find = (query: string, matching: Parameters<TextIndex['find']>[1]) =>
    index.find(words(query), matching).map(({ document }) => document);
  expect(find('dark knight', { least: 1 })).toEqual([0]);
  expect(find('dark knight', { least: 0.5 }).sort()).toEqual([0, 1]);
  expect(find('the dark cry', { least: 1 })).toEqual([]);
  expect(find('the dark cry', { least: 1, prefixes: 'last' })).toEqual([1]);
  expect(find('dar crystal', { least: 1, prefixes: 'last' })).toEqual([]);
  expect(find('dar crystal', { least: 1, prefixes: 'all' })).toEqual([1]);
});

test('an unknown word stands for those one typing error away', () => {
  const index = indexOf('paranoid android');
  expect(index.find(['andriod'], { least: 1 })).toHaveLength(0);
  expect(index.find(['andriod'], { least: 1, typos: true })).toHaveLength(1);
});

test.each([
  ['matters', 'maters', true],
  ['android', 'andriod', true],
  ['chapman', 'chapmann', true],
  ['hurt', 'hart', true],
  ['hurt', 'hurt', false],
  ['hurt', 'heart', false],
  ['abcd', 'badc', false],
])('%s and %s: one typing error apart is %s', (a, b, expected) => {
  expect(isOneTypoAway(a, b)).toBe(expected);
});
