import { known } from './known.ts';

test('what a service did not tell leaves no field behind', () => {
  expect(known({ a: undefined, b: null, c: '', d: [] })).toEqual({});
});

test('zero, false and text are told', () => {
  expect(known({ a: 0, b: false, c: 'x', d: [null] })).toEqual({ a: 0, b: false, c: 'x', d: [null] });
});
