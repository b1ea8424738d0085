import fc from 'fast-check';
import { CsvRows } from './csv-rows.ts';
import { JsonRows } from './json-rows.ts';
import { NdjsonRows } from './ndjson-rows.ts';
import { MAX_RECORD_LENGTH } from './raw-row.ts';
import type { RawRow, RowParser } from './raw-row.ts';

/** The rows of a text that comes in pieces of the given length. */
function rowsOf(parser: RowParser, text: string, pieceLength = 64 * 1024): RawRow[] {
  const rows: RawRow[] = [];
  for (let at = 0; at < text.length; at += pieceLength)
    rows.push(...parser.push(text.slice(at, at + pieceLength)));
  return [...rows, ...parser.end()];
}

const records = (rows: readonly RawRow[]): unknown[] =>
  rows.map((row) => ('record' in row ? row.record : row));
const goodOnes = (rows: readonly RawRow[]): unknown[] =>
  rows.flatMap((row) => ('record' in row ? [row.record] : []));
const faults = (rows: readonly RawRow[]): unknown[] =>
  rows.flatMap((row) => ('reason' in row ? [[row.line, row.reason]] : []));

describe('CSV', () => {
  test('quoted cells hold delimiters, doubled quotes and line ends, and lines are counted through them', () => {
    const rows = rowsOf(new CsvRows(), 'a,b\r\n"1,5","x ""y""\r\nz"\r\n2,3\r\n');
    expect(rows).toEqual([
      { line: 2, record: { a: '1,5', b: 'x "y"\r\nz' } },
      { line: 4, record: { a: '2', b: '3' } },
    ]);
  });

  test('a quote inside a cell that does not begin with one is text', () => {
    expect(records(rowsOf(new CsvRows(), 'a,b\nBlue 12" Mix,1\n'))).toEqual([{ a: 'Blue 12" Mix', b: '1' }]);
  });

  test('blank lines, rows of empty cells and a missing last line end change nothing', () => {
    expect(records(rowsOf(new CsvRows(), 'a,b\n\n,\n1,2\n\n3,4'))).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  test.each([';', '\t'])('the delimiter is told by the header: %j', (delimiter) => {
    const text = ['a,x', 'b', 'c'].join(delimiter) + '\n' + ['1', '2,5', '3'].join(delimiter);
    expect(records(rowsOf(new CsvRows(), text))).toEqual([{ 'a,x': '1', b: '2,5', c: '3' }]);
  });

  test('a row with more or fewer values than columns is broken, the next one is not', () => {
    const rows = rowsOf(new CsvRows(), 'a,b\n1,2,3\n4\n5,6\n');
    expect(faults(rows)).toEqual([
      [2, 'has 3 values where the header has 2 columns'],
      [3, 'has 1 values where the header has 2 columns'],
    ]);
    expect(goodOnes(rows)).toEqual([{ a: '5', b: '6' }]);
  });

  test('a quote that is never closed costs its own line, not the rest of the file', () => {
    const rows = rowsOf(new CsvRows(), 'a,b\n1,"open\n2,"B, c"\n3,d\n');
    expect(faults(rows)).toEqual([[2, 'has text after a closing quote: write a quote inside a value twice']]);
    expect(goodOnes(rows)).toEqual([
      { a: '2', b: 'B, c' },
      { a: '3', b: 'd' },
    ]);
  });

  test('the same at the end of the file', () => {
    const rows = rowsOf(new CsvRows(), 'a,b\n1,"open\n2,x\n');
    expect(faults(rows)).toEqual([[2, 'opens a quote that is never closed']]);
    expect(goodOnes(rows)).toEqual([{ a: '2', b: 'x' }]);
  });

  test('an overlong line and an overlong quote are one broken row each, and reading goes on behind them', () => {
    const filler = `${'x'.repeat(99)}\n`.repeat(MAX_RECORD_LENGTH / 100 + 10);
    const text = `a,b\n${'y'.repeat(2 * MAX_RECORD_LENGTH)},1\n2,x\n3,"${filler}`;
    const rows = rowsOf(new CsvRows(), text);
    expect(faults(rows).slice(0, 2)).toEqual([
      [2, 'is longer than 256 KiB'],
      [4, 'opens a quote that is not closed within 256 KiB'],
    ]);
    expect(goodOnes(rows)).toEqual([{ a: '2', b: 'x' }]);
  });

  test('the same column twice is refused', () => {
    expect(() => rowsOf(new CsvRows(), 'a,b,a\n1,2,3\n')).toThrow("the column 'a' is there twice");
  });
});

describe('JSON', () => {
  const one = { title: 'a ] } , " \\', tags: [{ x: [1, null] }, true] };
  const two = { title: 'Ün \u{1f3b5}' };

  test.each([
    ['a list', JSON.stringify([one, two])],
    ['an indented list', JSON.stringify([one, two], null, 2)],
    [
      'a wrapped list',
      JSON.stringify({ count: 2, note: '"records": [', records: [one, two], next: [{ no: 1 }] }),
    ],
    ['objects one after the other', `${JSON.stringify(one, null, 2)}\n${JSON.stringify(two)}`],
  ])('%s gives its records', (_name, text) => {
    for (const pieceLength of [1, 7, text.length]) {
      expect(records(rowsOf(new JsonRows(), text, pieceLength))).toEqual([one, two]);
    }
  });

  test('one object is one record', () => {
    expect(records(rowsOf(new JsonRows(), JSON.stringify(one)))).toEqual([one]);
  });

  test('each record knows the line on which it begins', () => {
    const rows = rowsOf(new JsonRows(), '[\n  {"a":\n 1},\n\n  {"a": 2}\n]\n');
    expect(rows).toEqual([
      { line: 2, record: { a: 1 } },
      { line: 5, record: { a: 2 } },
    ]);
  });

  test('what is no object or no JSON is broken, and the records around it are read', () => {
    const rows = rowsOf(new JsonRows(), '[{"a":1}, 7, {"a":}, null, "x", [2], {"a":2}]');
    expect(goodOnes(rows)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(faults(rows)).toHaveLength(5);
  });

  test('a list that is cut off between or inside records says so', () => {
    expect(faults(rowsOf(new JsonRows(), '[{"a":1},{"a":2}'))).toEqual([
      [1, 'is the end of the file in the middle of the list'],
    ]);
    expect(faults(rowsOf(new JsonRows(), '[{"a":1},\n{"a":"x'))).toEqual([
      [2, expect.stringContaining('is not JSON')],
    ]);
  });

  test('an overlong record is one broken row, and reading goes on behind it', () => {
    const rows = rowsOf(new JsonRows(), JSON.stringify([one, { x: 'y'.repeat(3 * MAX_RECORD_LENGTH) }, two]));
    expect(goodOnes(rows)).toEqual([one, two]);
    expect(faults(rows)).toEqual([[1, 'is longer than 256 KiB']]);
  });
});

describe('NDJSON', () => {
  test('a broken line costs that line', () => {
    const rows = rowsOf(new NdjsonRows(), '{"a":1}\r\n{"a":\n\n[1]\n{"a":2}');
    expect(goodOnes(rows)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(faults(rows).map((fault) => (fault as unknown[])[0])).toEqual([2, 4]);
  });

  test('an overlong line is one broken row, and reading goes on behind it', () => {
    const long = JSON.stringify({ x: 'y'.repeat(3 * MAX_RECORD_LENGTH) });
    const rows = rowsOf(new NdjsonRows(), `{"a":1}\n${long}\n{"a":2}\n${long}`);
    expect(goodOnes(rows)).toEqual([{ a: 1 }, { a: 2 }]);
    expect(faults(rows)).toEqual([
      [2, 'is longer than 256 KiB'],
      [4, 'is longer than 256 KiB'],
    ]);
  });
});

describe('any text', () => {
  const parsers: [string, () => RowParser][] = [
    ['CSV', () => new CsvRows()],
    ['JSON', () => new JsonRows()],
    ['NDJSON', () => new NdjsonRows()],
  ];
  const soup = fc.string({ unit: fc.constantFrom(...Array.from('ab,"\r\n\\{}[]: 1')), maxLength: 60 });

  test.each(parsers)('%s rows do not depend on where the pieces end', (_name, create) => {
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 7 }), (body, pieceLength) => {
        const text = `x,y\n${body}`;
        expect(rowsOf(create(), text, pieceLength)).toEqual(rowsOf(create(), text));
      }),
      { numRuns: 500 },
    );
  });

  test('any table comes back out of RFC 4180 CSV', () => {
    const cell = fc.string({
      unit: fc.constantFrom(...Array.from('ab,"\r\n ;')),
      minLength: 1,
      maxLength: 8,
    });
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 5 }), (rows, pieceLength) => {
        const text = ['p,q', ...rows.map((row) => row.map(quote).join(','))].join('\r\n');
        const expected = rows
          .filter((row) => row.some((value) => value.trim() !== ''))
          .map(([p, q]) => ({ p, q }));
        expect(records(rowsOf(new CsvRows(), text, pieceLength))).toEqual(expected);
      }),
    );
  });

  test('any JSON comes back out of a list', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(record), fc.integer({ min: 1, max: 9 }), (list, pieceLength) => {
        const text = JSON.stringify(list);
        expect(records(rowsOf(new JsonRows(), text, pieceLength))).toEqual(JSON.parse(text));
      }),
    );
  });
});
