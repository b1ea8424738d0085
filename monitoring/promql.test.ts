import { loosened, selectorsIn } from './promql.ts';

const textsIn = (expr: string): string[] => selectorsIn(expr).map(({ text }) => text);

test('what an expression reads is found with its matchers, and nothing else is', () => {
  const expr =
    'sum by (queue) (rate(a_total{queue=~"x|y{2}",le="60"}[5m] offset 1d)) > on () group_left () 0.2 * sum(b) unless on (queue) c == bool 1';
  expect(textsIn(expr)).toEqual(['a_total{queue=~"x|y{2}",le="60"}', 'b', 'c']);
});

test('texts that are no selectors are passed over, recorded names with colons are not', () => {
  const expr = 'label_replace(enrichment:waiting:sum, "provider", "$1", "stage", "(.+)") and vector(1)';
  expect(textsIn(expr)).toEqual(['enrichment:waiting:sum']);
});

test('no threshold hides anything any more', () => {
  expect(loosened('max by (a) (x{le!="1"}) > 3 and on (a) y <= z')).toBe(
    'max by (a) (x{le!="1"}) > bool 3 and on (a) y <= bool z',
  );
});

test('the past is now: there is none yet', () => {
  expect(loosened('x - max(x offset 15m) > 10')).toBe('x - max(x) > bool 10');
});

test('what must not be there is looked for', () => {
  expect(loosened('absent(up{job="w"} == 1)')).toBe('(up{job="w"} == bool 1)');
  expect(loosened('a > 0 unless on (q) b > 0')).toBe('a > bool 0 and on (q) b > bool 0');
});
