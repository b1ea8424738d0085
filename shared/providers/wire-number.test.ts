import { wireNumber } from './wire-number.ts';

test.each([
  [7, 7],
  ['7', 7],
  [' -0.5 ', -0.5],
  ['', undefined],
])('%j is read as %j', (raw, value) => {
  expect(wireNumber.parse(raw)).toBe(value);
});

test.each(['seven', '1e3', '0x10', '1,000', null, true, Number.NaN])('%p is no number', (raw) => {
  expect(wireNumber.safeParse(raw).success).toBe(false);
});
