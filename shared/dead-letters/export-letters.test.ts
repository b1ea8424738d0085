import { csvLine } from '../output/csv-line.ts';
import { letterLine, LetterLineError, readLetterLine } from './letter-line.ts';
import { readLetter } from '../task/dead-letter.ts';

test.each(['=HYPERLINK("x")', '+1', '-2', '@sum', '\t=1', '\r=1'])(
  'a spreadsheet takes %j for text',
  (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  },
);

test('numbers and objects are what they are, and only what needs quotes gets them', () => {
  expect(csvLine([-4, null, { a: 'b,c' }, 'plain', 'with "quotes"'])).toBe(
    '-4,,"{""a"":""b,c""}",plain,"with ""quotes"""\n',
  );
});

test.each([Buffer.from('{"title":"Ünder"}'), Buffer.from([0xff, 0x00, 0x10])])(
  'a line gives its letter back',
  (body) => {
    const headers = {
      'x-reason': 'invalid',
      'x-error': 'no\nway',
      'x-died-at': '2031-01-01T00:00:00.000Z',
      mine: 1,
    };
    const letter = readLetter(
      { content: body, properties: { messageId: 'm', priority: 7, headers } },
      'tracks',
    );
    expect(readLetterLine(letterLine(letter))).toEqual(letter);
  },
);

test.each(['', 'no', '[]', '{"pipeline":"tracks"}'])('%j is no letter', (line) => {
  expect(() => readLetterLine(line)).toThrow(LetterLineError);
});
