import type { Fields } from '../task/task.ts';
import { cleanText, fitFields } from './fit-fields.ts';

const bytes = (fields: Fields) => Buffer.byteLength(JSON.stringify(fields));

describe('fitFields', () => {
  it('leaves alone what fits', () => {
    const fields = {
      title: 'Strobe',
      isrcs: ['QZABC1900017'],
      explicit: false,
      rating: null,
      release: { us: '2009' },
    };
    expect(fitFields(fields, 1_000)).toEqual(fields);
  });

  it('cuts the longest text and keeps the rest', () => {
    const fitted = fitFields(
      { title: 'Strobe', summary: 'word '.repeat(10_000), id: 'x'.repeat(300) },
      4_096,
    );
    expect(bytes(fitted)).toBeLessThanOrEqual(4_096);
    expect(fitted).toMatchObject({ title: 'Strobe', id: 'x'.repeat(300) });
    expect(fitted['summary']).toMatch(/^word .*…$/s);
  });

  it('shortens the longest list from its end', () => {
    const tags = Array.from({ length: 5_000 }, (_, index) => `tag ${index}`);
    const fitted = fitFields({ title: 'Strobe', tags }, 4_096);
    expect(bytes(fitted)).toBeLessThanOrEqual(4_096);
    expect((fitted['tags'] as string[]).length).toBeGreaterThan(100);
    expect((fitted['tags'] as string[])[0]).toBe('tag 0');
  });

  it('leaves out what has no sensible half', () => {
    const release_dates = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [`C${index}`, '2009-10-05']),
    );
    expect(fitFields({ title: 'Strobe', release_dates }, 4_096)).toEqual({ title: 'Strobe' });
  });

  it('holds the bound in bytes for text of many bytes a letter', () => {
    const fitted = fitFields({ summary: '糸\u{1f3b5}"'.repeat(9_000), title: '糸' }, 16_384);
    expect(bytes(fitted)).toBeLessThanOrEqual(16_384);
    expect(bytes(fitted)).toBeGreaterThan(4_000);
    expect(JSON.stringify(fitted)).not.toMatch(/\\ud83c/);
  });

  it('ends below any bound, with nothing if need be', () => {
    expect(fitFields({ a: ['x'.repeat(400)], b: 'y'.repeat(600) }, 10)).toEqual({});
  });

  it('cleans text wherever it is, and ends where nesting makes no sense', () => {
    let deep: Fields[string] = 'end';
    for (let level = 0; level < 500; level++) deep = [deep];
    const fitted = fitFields({ names: [{ 'na\u0000me': 'a\u0000b' }], deep }, 1_000);
    expect(fitted['names']).toEqual([{ name: 'ab' }]);
    expect(JSON.stringify(fitted['deep'])).toBe('[[[[[null]]]]]');
  });
});

describe('cleanText', () => {
  it('keeps letters, marks and emoji of any script, in composed form', () => {
    expect(cleanText('  Cafe\u0301 糸 \u{1f469}\u200d\u{1f680}\n\tx ')).toBe(
      'Café 糸 \u{1f469}\u200d\u{1f680}\n\tx',
    );
  });

  it('takes out what a database refuses: NUL and halves of surrogate pairs', () => {
    expect(cleanText('a\u0000b\ud83cc\u001bd')).toBe('ab\ufffdcd');
  });
});
