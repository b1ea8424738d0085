import fc from 'fast-check';
import { CsvRows } from '../input/csv-rows.ts';
import { csvLine } from './csv-line.ts';

test.each(['=1+1', '+49 30 1234', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
  "'%s' is text to a spreadsheet",
  (value) => {
    expect(csvLine([value]).replace(/^"/, '')).toMatch(/^'/);
  },
);

test('a number stays a number, whatever its sign', () => {
  expect(csvLine([-1, 2.5, true])).toBe('-1,2.5,true\n');
});

test('what is written is read back, but for the apostrophe', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((value) => value.trim() === value && !/[\0\r]/.test(value));
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 5 }), (values) => {
      const header = csvLine(values.map((_, index) => `c${index}`));
      const rows = new CsvRows();
      const [row] = [
        ...rows.push(header + csvLine([...values, 'end'].slice(0, values.length))),
        ...rows.end(),
      ];
      const isEmpty = values.every((value) => value === '');
      const safe = values.map((value) => (/^[=+\-@]/.test(value) ? `'${value}` : value));
      expect(row).toEqual(
        isEmpty
          ? undefined
          : expect.objectContaining({
              record: Object.fromEntries(safe.map((value, index) => [`c${index}`, value])),
            }),
      );
    }),
  );
});
