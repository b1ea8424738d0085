import type { Answer } from './prometheus-server.ts';
import { type Asked, isSettled, judge } from './verdict.ts';

const asked = (name: string, answer: Answer): Asked => ({
  check: { name, expr: 'up', isRange: false },
  answer,
});
const value = asked('panel a', { kind: 'value' });
const empty = asked('panel b', { kind: 'empty' });
const failed = asked('panel c', { kind: 'error', message: 'parse error' });

test('a query with data is well, and one without is a problem unless a reason is listed', () => {
  expect(judge([value, empty], {})).toEqual({
    withData: 1,
    listed: 0,
    problems: ['panel b: no data: up'],
  });
  expect(judge([value, empty], { 'panel b': 'needs a day' })).toEqual({
    withData: 1,
    listed: 1,
    problems: [],
  });
});

test('a query that cannot be evaluated is a problem, listed or not', () => {
  expect(judge([failed], { 'panel c': 'why not' }).problems).toEqual(['panel c: parse error: up']);
});

test('a listed query that has data, and an entry that names none, are problems', () => {
  const { problems } = judge([value], { 'panel a': 'needs a day', 'panel z': 'gone' });
  expect(problems).toEqual([
    'panel a: is listed as without data, and has some: up',
    'panel z: is listed as without data, and is no query',
  ]);
});

test('what is empty may have data later, unless a reason is listed', () => {
  expect([value, empty, failed].map((one) => isSettled(one, {}))).toEqual([true, false, false]);
  expect(isSettled(empty, { 'panel b': 'needs a day' })).toBe(true);
});
